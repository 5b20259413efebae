// JSON with whole numbers of any size: an amount in fen may be larger than a JavaScript number holds exactly.
// Fractions and a key given twice are refused, as our Rust readers refuse them.

export type Json = null | boolean | bigint | string | Json[] | JsonObject;
export type JsonObject = Map<string, Json>;

/** What is no such text. The place is counted in characters. */
export class NotJson extends Error {}

/** Deeper texts are refused (serde_json has the same limit). */
const DEEPEST = 127;

export function parseJson(text: string): Json {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

/** The text serde_json writes: no spaces, keys in the order given. */
export function writeJson(value: Json): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join(",")}]`;
  return `{${[...value].map(([key, each]) => `${JSON.stringify(key)}:${writeJson(each)}`).join(",")}}`;
}

/** An object with its keys in the order given. */
export function record(entries: Record<string, Json>): JsonObject {
  return new Map(Object.entries(entries));
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  value(depth: number): Json {
    if (depth > DEEPEST) this.refuse();
    this.space();
    const found = this.text[this.at];
    if (found === "{") return this.object(depth);
    if (found === "[") return this.list(depth);
    if (found === '"') return this.string();
    for (const [word, value] of [["null", null], ["true", true], ["false", false]] as const) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  end(): void {
    this.space();
    if (this.at !== this.text.length) this.refuse();
  }

  private object(depth: number): JsonObject {
    const out: JsonObject = new Map();
    this.each("}", () => {
      const key = this.string();
      this.take(":");
      if (out.has(key)) this.refuse();
      out.set(key, this.value(depth + 1));
    });
    return out;
  }

  private list(depth: number): Json[] {
    const out: Json[] = [];
    this.each("]", () => out.push(this.value(depth + 1)));
    return out;
  }

  /** What stands between brackets, with commas between. */
  private each(close: string, one: () => void): void {
    this.at += 1;
    this.space();
    if (this.text[this.at] === close) {
      this.at += 1;
      return;
    }
    for (;;) {
      this.space();
      one();
      this.space();
      const next = this.text[this.at];
      this.at += 1;
      if (next === close) return;
      if (next !== ",") this.refuse();
    }
  }

  private string(): string {
    this.space();
    // A string ends at the first quote that is not behind a backslash; JSON.parse then reads the escapes.
    const found = this.match(/"(?:[^"\\\0-\x1f]|\\.)*"/y);
    try {
      const text: unknown = JSON.parse(found);
      if (typeof text === "string" && !/[\ud800-\udfff]/u.test(text)) return text;
    } catch {
      // Refused below, like any other slip.
    }
    return this.refuse();
  }

  private number(): bigint {
    const found = this.match(/-?(?:0|[1-9][0-9]*)(?![0-9.eE])/y);
    return BigInt(found);
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? this.refuse();
    this.at += found.length;
    return found;
  }

  private take(mark: string): void {
    this.space();
    if (this.text[this.at] !== mark) this.refuse();
    this.at += 1;
  }

  private space(): void {
    while (" \n\r\t".includes(this.text[this.at] ?? "x")) this.at += 1;
  }

  private refuse(): never {
    throw new NotJson(`not JSON with whole numbers, at character ${this.at}`);
  }
}
