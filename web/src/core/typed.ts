// What a person typed, read as generously as the Rust side does.

// Unicode's White_Space, which is not quite JavaScript's \s.
const SPACE = "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPACES = new RegExp(`[${SPACE}]`);
const AROUND = new RegExp(`^[${SPACE}]+|[${SPACE}]+$`, "g");

export function isSpace(c: string): boolean {
  return SPACES.test(c);
}

export function trim(text: string): string {
  return text.replace(AROUND, "");
}

/** Without spaces and dashes, full-width made plain: how a number is read. */
export function plain(text: string): string {
  return [...text.normalize("NFKC")].filter((c) => !isSpace(c) && !"-‐‑–—−".includes(c)).join("");
}

/** Characters as Unicode counts them. */
export function characters(text: string): number {
  return [...text].length;
}

export function isDigit(c: string): boolean {
  return c >= "0" && c <= "9" && c.length === 1;
}

export function allDigits(text: string): boolean {
  return /^[0-9]*$/.test(text);
}
