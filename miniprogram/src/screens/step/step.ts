import {
  anew, asked, fieldsOf, filled, instead, isOut, mend, NAMELESS, onward, open, personFields, problemsIn, readPerson, screen, screenOf, service, state, trouble, words,
} from "../../lib.ts";
import keys from "./step.wxml";

/** A question of the portal that is a plain form; the last of them is the name that is to be sealed. */
export default screen(keys, {
  data: { step: "", fields: [], problems: [], warnings: [], heading: "", intro: [], outro: [] },
  onLoad({ step = "name", change = "" }) {
    this.setData({ step, change });
  },
  onShow() {
    if (isOut()) anew("check");
  },
  async draw() {
    if (isOut()) return;
    const { step, problems } = this.data;
    const says: Record<string, { heading?: string; intro?: string; outro?: string }> = {
      name: { outro: "name-change" },
      place: { heading: "place-title" },
      story: { heading: "story-title", intro: "story-point" },
      identity: { heading: "identity-title", intro: "mini-identity-lead" },
    };
    const { heading, intro, outro } = says[step] ?? {};
    const say = (key?: string) => (key === undefined ? [] : [words.say(key)]);
    try {
      const fields = step === "identity" ? asked(await personFields(), state.person) : await fieldsOf(step);
      this.setData({
        fields: filled(fields, step === "identity" ? state.person : state.answers, problems),
        heading: say(heading)[0] ?? "", intro: say(intro), outro: say(outro), warnings: [],
      });
      wx.setNavigationBarTitle({ title: say(heading)[0] ?? fields[0]!.label });
    } catch (why) {
      this.setData({ warnings: trouble(why) });
    }
  },
  typed({ detail: { id, value } }: WechatMiniprogram.CustomEvent<{ id: string; value: string }>) {
    const answers: Record<string, string> = this.data.step === "identity" ? state.person : state.answers;
    answers[id] = value;
    // The account is asked for as soon as a transfer is wanted.
    if (id === "payee") void this.draw();
  },
  async next() {
    const { step, change } = this.data;
    try {
      const about = await service();
      if (step === "industry" && about.out_of_scope.some(({ code }) => code === state.answers.industry)) {
        return open("elsewhere", { sector: state.answers.industry! });
      }
      const problems = step === "identity" ? mend(readPerson(state.person, about.limits)) : await problemsIn(step, state.answers);
      this.setData({ problems });
      if (problems.length > 0) {
        await this.draw();
        return wx.pageScrollTo({ scrollTop: 0, duration: 0 });
      }
      const next = screenOf(await onward());
      if (change) instead(...next);
      else open(...next);
    } catch (why) {
      this.setData({ warnings: trouble(why) });
    }
  },
  nameless() {
    state.answers.name = NAMELESS!;
    state.person = {};
    instead("check");
  },
});
