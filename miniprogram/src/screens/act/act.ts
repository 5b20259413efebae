import {
  about, act, ASKS, asked, claim, drawOwn, filled, instead, isThis, link, mend, offered, personFields, readPerson, Receipt, screen, service, state, takeOver,
  tooLong, toTab, trouble, words, wrote,
} from "../../lib.ts";
import keys from "./act.wxml";

/** One act a page, as on the portal: review, protection, deletion, withdrawal, claim, an earlier report, a receipt of one's own. */
export default screen(keys, {
  data: { what: "", heading: "", intro: [], how: [], howOpen: false, groups: [], spoken: "", fields: [], person: [], go: "", stay: "", danger: false, problems: [], warnings: [], busy: false },
  onLoad({ what = "" }) {
    this.setData({ what });
    this.answers = {};
    if (state.view === null && state.heir === null) toTab("progress");
  },
  async draw() {
    const { what, problems } = this.data;
    const say = words.say;
    const answers = this.answers as Record<string, string>;
    const digits = (id: string, label: string, hint: string) => ({ id, kind: "line" as const, keyboard: "number" as const, label: say(label), hint: say(hint) });
    const show = (title: string, go: string, more: Record<string, unknown> = {}) => {
      wx.setNavigationBarTitle({ title: say(title) });
      this.setData({ heading: say(title), go: say(go), stay: say("back"), intro: [], fields: [], person: [], ...more });
    };
    try {
      const ask = ASKS[what];
      if (ask !== undefined) {
        const field = { id: what, kind: "area" as const, label: say(ask.label), hint: say(ask.hint) };
        const intro = about(what, ask);
        const stay = say(ask.stay ?? "back");
        show(ask.title, ask.go, { intro, stay, danger: ask.danger === true, fields: filled([field], state.unsent, problems) });
      } else if (what === "withdrawal") {
        show("withdraw-title", "withdraw-go", { intro: [say("withdraw-text")], stay: say("withdraw-stay"), danger: true });
      } else if (what === "earlier") {
        const fields = filled([digits("earlier", "earlier-label", "mine-receipt-hint")], answers, problems);
        show("earlier-title", "earlier-go", { intro: [say("earlier-about"), say("earlier-tells")], stay: say("earlier-no"), fields });
      } else if (what === "award-objection") {
        // Nothing to write: so nothing about a person can be written.
        const options = ["ground-wrong", "can-show", "not-reached", "will-come"].map((value) => ({ value, label: say(`award-objection-${value}`) }));
        const fields = filled([{ id: what, kind: "radios" as const, label: say("award-object-title"), options }], answers, problems);
        show("award-object-go", "award-object-send", { intro: [say("award-object-text")], fields });
      } else if (what === "own-receipt") {
        const groups = state.receipt?.groups() ?? [];
        if (groups.length === 0) return show("own-receipt-title", "own-receipt-draw", { intro: [say("own-receipt-why"), say("own-receipt-how")] });
        const fields = filled([digits("last", "own-receipt-last", "receipt-check-hint")], answers, problems);
        show("own-receipt-title", "own-receipt-keep", { intro: [say("own-receipt-new"), say("own-receipt-until")], groups, spoken: groups.join(" "), fields });
      } else if (what === "claim") {
        const offer = await offered();
        if (offer === undefined) {
          show("claim-title", "claim-go", { go: "" });
          return this.setData({ warnings: [say("return-claim-foreign")] });
        }
        this.terms = offer.terms;
        const who = {
          id: "who", kind: "radios" as const, label: say("claim-who"), options: [
            { value: "before", label: say("claim-who-before"), hint: say("claim-who-before-hint") },
            { value: "now", label: say("claim-who-now"), hint: say("claim-who-now-hint") },
          ],
        };
        const fields = filled([digits("again", "claim-receipt", "claim-receipt-hint"), who], answers, problems);
        const person = answers.who === "now" ? filled(asked(await personFields(), state.named), state.named, problems) : [];
        show("claim-title", "claim-go", { intro: [...offer.lines, say("claim-uplift"), say("return-claim-sees")], how: offer.how, fields, person });
      }
    } catch (why) {
      this.setData({ warnings: trouble(why) });
    }
  },
  typed({ detail: { id, value } }: WechatMiniprogram.CustomEvent<{ id: string; value: string }>) {
    if (ASKS[id] !== undefined) state.unsent[id] = value;
    else (this.answers as Record<string, string>)[id] = value;
    if (id === "who") void this.draw();
  },
  personTyped({ detail: { id, value } }: WechatMiniprogram.CustomEvent<{ id: string; value: string }>) {
    (state.named as Record<string, string>)[id] = value;
    if (id === "payee") void this.draw();
  },
  async go() {
    if (this.data.busy) return;
    this.setData({ busy: true, problems: [], warnings: [] });
    try {
      const done = await this.act(this.data.what);
      if (done === undefined) return;
      wrote.say(words.say(done));
      if (this.data.what === "own-receipt") instead("mine");
      else wx.navigateBack();
    } catch (why) {
      const refused = why as { status?: number; detail?: string };
      if (tooLong(why)) await this.mend([{ field: "joint", sentence: words.say("error-identity-long") }]);
      else if (refused.status === 422) await this.mend([{ field: this.data.what, sentence: refused.detail ?? "" }]);
      else this.setData({ warnings: trouble(why) });
    } finally {
      this.setData({ busy: false });
      wx.pageScrollTo({ scrollTop: 0, duration: 0 });
    }
  },
  async mend(problems: { field: string; sentence: string }[]) {
    this.setData({ problems });
    await this.draw();
  },
  /** Gives the key of what is said afterwards; nothing, if something is to be mended first or it is on its way already. */
  async act(what: string): Promise<string | undefined> {
    const answers = this.answers as Record<string, string>;
    const ask = ASKS[what];
    if (ask !== undefined) {
      const text = state.unsent[what] ?? "";
      if (Receipt.isIn(text)) return this.mend([{ field: what, sentence: words.say("receipt-in-field") }]);
      if (ask.missing !== null && text.trim() === "") return this.mend([{ field: what, sentence: words.say(ask.missing) }]);
      if ((await act(what, { text })) === null) return undefined;
      state.unsent[what] = "";
      return (state.view?.deletion_waits === true ? undefined : ask.atOnce) ?? ask.done;
    }
    switch (what) {
      case "withdrawal":
        return (await act(what, {})) === null ? undefined : "withdraw-done";
      case "earlier": {
        let other: Receipt;
        try {
          other = Receipt.parse(answers.earlier ?? "");
        } catch {
          return this.mend([{ field: "earlier", sentence: words.say("mine-unknown") }]);
        }
        return (await link(other)) === null ? undefined : "earlier-done";
      }
      case "award-objection": {
        const objection = answers[what] ?? "";
        if (objection === "") return this.mend([{ field: what, sentence: words.say("award-object-missing") }]);
        return (await act(what, { objection })) === null ? undefined : "mine-award-object-done";
      }
      case "own-receipt":
        if (state.receipt === null) {
          await drawOwn();
          return void (await this.draw());
        }
        if (!state.receipt.endsWith(answers.last ?? "")) return this.mend([{ field: "last", sentence: words.say("receipt-check-wrong") }]);
        await takeOver();
        return "own-receipt-done";
      case "claim":
        return this.claim(answers);
      default:
        return undefined;
    }
  },
  async claim(answers: Record<string, string>): Promise<string | undefined> {
    const problems: { field: string; sentence: string }[] = [];
    if (state.receipt === null || !isThis(state.receipt, answers.again ?? "")) problems.push({ field: "again", sentence: words.say("claim-receipt-wrong") });
    const verdict = answers.who === "now" ? readPerson(state.named, (await service()).limits) : undefined;
    if (verdict !== undefined) problems.push(...mend(verdict));
    else if (answers.who !== "before") problems.push({ field: "who", sentence: words.say("claim-who-missing") });
    if (problems.length > 0) return this.mend(problems);
    if ((await claim(this.terms, verdict?.person ?? null)) === null) return undefined;
    state.named = {};
    return "claim-done-text";
  },
  explain() {
    this.setData({ howOpen: !this.data.howOpen });
  },
  back() {
    wx.navigateBack();
  },
});
