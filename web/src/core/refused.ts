// What is said when something is refused. Pages look the code up among their words; the sentence is for tools,
// tests and whoever reads a console. Neither ever holds a name, a receipt or a key.

/** `code` names what was wrong, `about` the numbers that belong into the sentence. */
export class Refused extends Error {
  readonly code: string;
  readonly about: Readonly<Record<string, string | number>>;

  constructor(code: string, sentence: string, about: Record<string, string | number> = {}) {
    super(sentence);
    this.name = "Refused";
    this.code = code;
    this.about = about;
  }
}
