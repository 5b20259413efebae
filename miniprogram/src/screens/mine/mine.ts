import {
  act, anew, asked, close, filled, isOver, look, mend, open, openFile, openMessages, personFields, readPerson, scanLog, screen, service, state, toTab,
  trouble, words, wrongText, wrote,
} from "../../lib.ts";
import keys from "./mine.wxml";

/** "My report", in the order of the portal's page. */
export default screen(keys, {
  title: "mine-title",
  data: { view: null, said: "", messages: [], history: [], content: [], contentOpen: false, fields: [], person: [], naming: false, log: [], scanning: "", problems: [], warnings: [], busy: false },
  onLoad() {
    if (state.view === null) toTab("progress");
  },
  onUnload() {
    // Gone back to the page that asks for the receipt: nothing of the report stays behind it.
    if (state.view !== null) close();
  },
  onShow() {
    const said = wrote.take();
    if (said !== "") this.setData({ said });
  },
  async draw() {
    const { view, receipt, unsent, named } = state;
    if (view === null || receipt === null) return;
    const { problems } = this.data;
    // Asked for by everybody who opens a report: what is fetched when must not tell that somebody gives a name.
    const form = personFields();
    form.catch(() => undefined);
    const message = { id: "message", kind: "area" as const, label: words.say("mine-add-label"), hint: words.say("mine-add-hint") };
    try {
      this.setData({
        view, log: view.log,
        history: view.history.map((event, n) => ({ n, ...event })),
        content: view.content.map(([label, value], n) => ({ n, label, value })), messages: await openMessages(view, receipt),
        fields: filled([message], unsent, problems),
        person: this.data.naming ? filled(asked(await form, named), named, problems) : [],
      });
    } catch (why) {
      this.setData({ warnings: trouble(why) });
    }
  },
  async refresh() {
    try {
      await look();
      this.setData({ said: "", warnings: [] });
      await this.draw();
    } catch (why) {
      this.stopped(why);
    }
  },
  typed({ detail: { id, value } }: WechatMiniprogram.CustomEvent<{ id: string; value: string }>) {
    state.unsent[id] = value;
  },
  personTyped({ detail: { id, value } }: WechatMiniprogram.CustomEvent<{ id: string; value: string }>) {
    (state.named as Record<string, string>)[id] = value;
    if (id === "payee") void this.draw();
  },
  naming() {
    this.setData({ naming: !this.data.naming });
    void this.draw();
  },
  /** Out of sight until it is asked for: somebody may look over a shoulder. */
  contents() {
    this.setData({ contentOpen: !this.data.contentOpen });
  },
  /** More text, and perhaps a name under seal: from outside nobody sees whether there is one. */
  async add() {
    if (this.data.busy) return;
    const { limits } = await service();
    const text = state.unsent.message ?? "";
    const wrong = wrongText(text, { ...limits.message, least: 1 }, "mine-add-missing");
    const verdict = this.data.naming ? readPerson(state.named, limits) : undefined;
    const problems = [...(wrong === undefined ? [] : [{ field: "message", sentence: wrong }]), ...(verdict === undefined ? [] : mend(verdict))];
    this.setData({ problems, warnings: [], said: "" });
    if (problems.length > 0) return this.mendAbove();
    this.setData({ busy: true });
    try {
      if ((await act("additions", { text }, verdict?.person ?? null)) === null) return;
      [state.unsent.message, state.named] = ["", {}];
      // A field keeps what was typed until it is made anew.
      this.setData({ fields: [], person: [] });
      this.setData({ said: words.say(verdict === undefined ? "mine-add-done" : "return-name-done"), naming: false });
      await this.mendAbove();
    } catch (why) {
      this.stopped(why);
    } finally {
      this.setData({ busy: false });
    }
  },
  async mendAbove() {
    await this.draw();
    wx.pageScrollTo({ scrollTop: 0, duration: 0 });
  },
  ask({ currentTarget }: WechatMiniprogram.TouchEvent) {
    open("act", { what: currentTarget.dataset.what as string });
  },
  files() {
    open("files");
  },
  async openFile({ currentTarget }: WechatMiniprogram.TouchEvent) {
    const at = currentTarget.dataset.at as number;
    const tell = (now: string) => this.setData({ [`messages[${at}].file.now`]: now });
    if (state.view !== null && state.receipt !== null) await openFile(state.view, state.receipt, at, tell);
  },
  async scan() {
    if (state.receipt === null) return;
    const log = await scanLog(state.receipt, state.view?.original ?? null, (scanning) => this.setData({ scanning }));
    if (log !== undefined) this.setData({ log });
  },
  out() {
    close();
    anew("text", { of: "out" });
  },
  stopped(why: unknown) {
    this.setData({ warnings: trouble(why) });
    wx.pageScrollTo({ scrollTop: 0, duration: 0 });
    if (isOver(why)) close();
  },
});
