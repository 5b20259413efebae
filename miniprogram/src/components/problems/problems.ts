import { words } from "../../lib.ts";

Component({
  properties: {
    /** What is to be mended, with the field it belongs to. */
    problems: { type: Array, value: [] },
    /** What is nobody's slip. */
    warnings: { type: Array, value: [] },
  },
  data: { headline: "" },
  observers: {
    problems(problems: unknown[]) {
      if (problems.length > 0) this.setData({ headline: words.headline(problems.length) });
    },
  },
});
