// One sentence carried from a page that did something to the page that shows the result.

let sentence = "";

export const wrote = {
  say: (said: string) => void (sentence = said),

  take(): string {
    const said = sentence;
    sentence = "";
    return said;
  },
};
