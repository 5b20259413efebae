import { anew, instead, isCreditCode, isOut, onward, recipients, screen, screenOf, SEALED, send, service, state, trouble, words } from "../../lib.ts";
import keys from "./check.wxml";

export default screen(keys, {
  title: "check-title",
  data: { rows: [], fingerprint: "", problems: [], warnings: [], busy: false, now: "", out: false },
  /** Whoever comes back to a report that was sent sees what is going on, or that it is not known. */
  onLoad() {
    if (state.sending !== null) return this.send();
    if (isOut()) this.setData({ warnings: [words.say("device-unsure")] });
  },
  async draw() {
    const { answers } = state;
    this.setData({ out: isOut() });
    try {
      const about = await service();
      const named = answers.name === SEALED;
      const now = (answers.now ?? "").split(",").filter((each) => each !== "").map((each) => words.say(`story-${each}`));
      const of = (list: { code: string; name: string }[], field: string) => list.find(({ code }) => code === answers[field])?.name;
      const row = (key: string, value: string | undefined, step: string) => ({ label: words.say(key), value: value?.trim() || words.say("check-none"), step, warning: "" });
      const rows = [
        row("check-name", words.say(named ? "name-sealed" : "name-nameless"), "name"),
        row("check-region", answers["region-name"], "region"),
        row("check-kind", of(about.kinds, "kind"), "kind"),
        row("check-industry", of(about.industries, "industry"), "industry"),
        row("check-target", answers.target, "place"),
        row("check-address", answers.address, "place"),
        row("check-code", answers.code, "place"),
        row("check-story", answers.story, "story"),
        row("check-when", answers.when, "story"),
        row("check-now", now.join(this.data.lang === "zh" ? "；" : "; "), "story"),
      ];
      const code = (answers.code ?? "").normalize("NFKC").replace(/\s/g, "");
      if (code !== "" && !isCreditCode(code)) rows[6]!.warning = words.say("check-code-warn");
      // What is sealed is not shown again; the way to change it is.
      if (named && !this.data.out) rows.push(row("identity-title", words.say("mini-name-here"), "identity"));
      this.setData({ rows, fingerprint: (await recipients()).fingerprint });
    } catch (why) {
      this.setData({ warnings: trouble(why) });
    }
  },
  change({ currentTarget }: WechatMiniprogram.TouchEvent) {
    const [name, options] = screenOf(currentTarget.dataset.step as string);
    instead(name, { ...options, change: "1" });
  },
  async send() {
    if (this.data.busy) return;
    const missing = isOut() ? "check" : await onward().catch(() => "check");
    if (missing !== "check") return instead(...screenOf(missing));
    this.setData({ busy: true, problems: [], warnings: [] });
    try {
      if (await send((now) => this.setData({ now }))) anew("receipt");
    } catch (why) {
      this.setData({ busy: false, out: isOut(), warnings: trouble(why) });
      await this.draw();
    }
  },
});
