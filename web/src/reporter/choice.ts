// The answer to "give your name, or not?", which stays on the device: in the memory of this tab, for one report. It is bound
// to the draft by a mark that is in no store, so that what is left of it on the device leads to no report.

export type Choice = "sealed" | "nameless";

const KEY = "name";

/** What was answered for the draft with this mark; `null` if nothing was, or if the browser keeps nothing. */
export function recall(mark: string): Choice | null {
  try {
    const kept = sessionStorage.getItem(KEY);
    if (kept === null) return null;
    if (kept === `${mark} sealed`) return "sealed";
    if (kept === `${mark} nameless`) return "nameless";
    // Of a draft that is gone: perhaps somebody else's, at the same desk.
    sessionStorage.removeItem(KEY);
  } catch {
    // Whoever forbids the page to remember is asked at the end.
  }
  return null;
}

export function remember(mark: string, choice: Choice): void {
  try {
    sessionStorage.setItem(KEY, `${mark} ${choice}`);
  } catch {
    // As above. What cannot be kept must not be sent instead.
  }
}

/** The report was sent, its visit is over, or the reporter leaves. */
export function forgetChoice(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Then there is nothing.
  }
}
