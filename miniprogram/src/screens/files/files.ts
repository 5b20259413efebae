import { close, detach, fileTypes, filled, look, openReport, pick, queue, screen, service, state, toTab, trouble, words, wrote } from "../../lib.ts";
import keys from "./files.wxml";

const SLOW_BYTES_A_SECOND = 50 * 1024;

/** Photos and files, after the text is safe. */
export default screen(keys, {
  title: "files-title",
  data: {
    attached: [], rows: [], overall: "", said: "", limits: "", minutes: "", full: "", canAdd: false, fields: [], warnings: [],
    removing: "", removeTitle: "",
  },
  onLoad() {
    [this.copy, this.kept] = ["yes", 0];
    queue.watch(() => void this.list());
  },
  onUnload() {
    queue.watch(() => undefined);
  },
  async draw() {
    const copy = { id: "copy", kind: "checks" as const, label: words.say("files-copy-legend"), options: [{ value: "yes", label: words.say("files-copy"), hint: words.say("files-copy-hint") }] };
    this.setData({ fields: filled([copy], { copy: this.copy as string }) });
    await this.fetch();
  },
  /** Fetches the list of what is saved. */
  async fetch() {
    try {
      const view = await openReport();
      const { attachments } = await service();
      const mb = (kind: RegExp) => Math.max(0, ...attachments.types.filter(({ media_type }) => kind.test(media_type)).map(({ most_bytes }) => most_bytes)) >> 20;
      const image = mb(/^image\//);
      const { most } = attachments;
      this.setData({
        attached: view.attached.map((file, i) => ({ ...file, remove: words.say("files-remove", { n: i + 1 }) })),
        canAdd: view.can_add,
        full: !view.can_add ? words.say("files-closed") : view.attached.length >= most ? words.say("files-full", { most }) : "",
        limits: words.say("files-limits", { most, image, other: mb(/^(video|application)\//) }),
        minutes: words.say("files-minutes", { mb: image, minutes: Math.ceil((image * 2 ** 20) / SLOW_BYTES_A_SECOND / 60) }),
        warnings: [],
      });
    } catch (why) {
      this.setData({ warnings: trouble(why) });
    }
    await this.list();
  },
  async list() {
    const rows = queue.rows();
    this.setData({ rows: rows.filter(({ state }) => state !== "kept"), overall: queue.overall() });
    const kept = rows.length - this.data.rows.length;
    if (queue.isBusy() || kept === this.kept) return;
    // What is saved stands in the list above, as the service names it.
    this.kept = kept;
    await this.fetch();
  },
  typed({ detail }: WechatMiniprogram.CustomEvent<{ value: string }>) {
    this.copy = detail.value;
  },
  pictures() {
    return this.choose("pictures");
  },
  documents() {
    return this.choose("documents");
  },
  async choose(from: "pictures" | "documents") {
    this.setData({ said: "", warnings: [] });
    try {
      const about = await service();
      const left = about.attachments.most - this.data.attached.length - this.data.rows.filter((row: { state: string }) => row.state !== "failed").length;
      const picked = await pick(from, left);
      if (picked.length > left) return this.setData({ warnings: [words.say("files-too-many", { left })] });
      for (const file of picked) queue.add(file, this.copy === "yes", this.once(), fileTypes(about));
    } catch (why) {
      this.setData({ warnings: trouble(why) });
    }
  },
  /** The token of the visit: of the report just sent, or of the one that is open. */
  once(): string {
    return state.view?.once ?? state.begun?.once ?? "";
  },
  cancel({ currentTarget }: WechatMiniprogram.TouchEvent) {
    queue.cancel(currentTarget.dataset.id as number);
  },
  async again({ currentTarget }: WechatMiniprogram.TouchEvent) {
    queue.again(currentTarget.dataset.id as number, this.once(), fileTypes(await service()));
  },
  askRemove({ currentTarget: { dataset } }: WechatMiniprogram.TouchEvent) {
    this.setData({ removing: dataset.blob as string, removeTitle: words.say("files-remove-title", { n: dataset.n as number }) });
  },
  keepFile() {
    this.setData({ removing: "" });
  },
  async remove() {
    try {
      await detach(this.data.removing as string);
      // Said when it is gone from the list, too.
      await this.fetch();
      this.setData({ removing: "", said: words.say("files-removed") });
    } catch (why) {
      await this.fetch();
      this.setData({ removing: "", warnings: trouble(why) });
    }
  },
  /** With the report open: back to it. Else the receipt is put away, and opens it again. */
  async finish() {
    if (queue.isBusy() && !this.asked) {
      this.asked = true;
      wx.pageScrollTo({ scrollTop: 0, duration: 0 });
      return this.setData({ warnings: [words.say("mini-files-busy")] });
    }
    if (state.receipt === null) {
      // What is known of the report is not needed any more, and its visit neither.
      close();
      wrote.say(words.say("mini-finish-said"));
      return toTab("progress");
    }
    queue.stop();
    await look().catch(() => undefined);
    wx.navigateBack();
  },
});
