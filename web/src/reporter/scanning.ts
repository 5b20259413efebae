// The public log, read whole on this device and checked: the server is not asked which entries are the reader's.

import { askedDigest } from "../core/asked.ts";
import { fromHex, same, wipe } from "../core/bytes.ts";
import type { Receipt } from "../core/receipt.ts";
import { Refused } from "../core/refused.ts";
import { readLogKey } from "../log/checkpoint.ts";
import { face } from "../log/leaf.ts";
import { type History, readLog } from "../log/scan.ts";
import { Unreachable } from "./ask.ts";
import type { View } from "./mine.ts";
import type { Says } from "./problems.ts";

/** What the log itself says of the receipt's report, in sentences; `failed` one sentence instead. */
export type Scanned = { told: string[]; failed?: undefined } | { told?: undefined; failed: string };

/** `pin` is of the set this page seals to; `now` is told how far the reading has come. */
export async function scan(
  receipt: Receipt, asked: View["original"], logKey: string, pin: string, words: Says, now: (sentence: string) => void,
): Promise<Scanned> {
  const audit = receipt.auditKey();
  const sets: Uint8Array[] = [];
  try {
    const answer = await readLog(
      fetchLog,
      readLogKey(logKey),
      null,
      audit,
      (read, size) => now(words.say("return-scan-reading", { read: String(read), size: String(size) })),
      (entry) => {
        const shown = known(entry);
        if (shown?.kind === "recipient_set") sets.push(shown.digest);
      },
    );
    const lines = [words.say("return-scan-intact", { size: String(answer.seen.size) }), ...told(answer.history, asked, words)];
    // Whom this page seals to must be what the log announced last.
    const pinned = fromHex(pin.replace(/-/g, ""));
    if (!same(sets[sets.length - 1] ?? new Uint8Array(), pinned)) lines.unshift(words.say("return-scan-other-set", {}));
    return { told: lines };
  } catch (why) {
    return { failed: words.say(why instanceof Refused ? "return-scan-broken" : "device-offline", {}) };
  } finally {
    wipe(audit);
  }
}

function told(history: History, asked: View["original"], words: Says): string[] {
  const first = history.found[0];
  if (first === undefined) return [words.say("return-scan-not-there", {})];
  const openings = history.openings();
  const lines = [words.say("return-scan-entry", { entry: String(first.index + 1n), day: history.received() ?? "?" })];
  if (!history.isWhole()) lines.push(words.say("return-scan-gap", {}));
  if (openings.length === 0) lines.push(words.say("mine-log-none", {}));
  for (const { day, purpose } of openings) {
    const what = words.say(`mine-log-${purpose ?? "unknown"}`, {});
    lines.push(words.say("mine-log-line", { day: day ?? "?", what }));
  }
  for (const { event, day, name } of history.originals()) {
    const key = ({ asked: "mine-log-asked", objected: "mine-log-stopped", joined: "mine-log-joined", ended: "mine-log-ended" } as Record<string, string>)[event];
    if (key !== undefined) lines.push(words.say(key, { day, name }));
  }
  if (asked !== null) {
    const { needed_for, object_until } = asked;
    const use = words.say(`stop-use-${needed_for}`, {});
    lines.push(words.say(isInLog(history, asked) ? "mine-log-same-words" : "mine-log-other-words", { use, until: object_until }));
  }
  if (history.isOpenedUntold()) lines.push(words.say("mine-log-untold", {}));
  return lines;
}

/** Whether the log tells of the request in the very words this page shows. */
function isInLog(history: History, asked: NonNullable<View["original"]>): boolean {
  const digest = askedDigest(fromHex(asked.terms), { ...asked, original: fromHex(asked.original) });
  return history.found.some(({ event, leaf }) =>
    event === "asked" && leaf !== null && leaf.award === asked.name && leaf.digest !== null && same(leaf.digest, digest));
}

function known(entry: Uint8Array): ReturnType<typeof face> | null {
  try {
    return face(entry);
  } catch {
    return null;
  }
}

async function fetchLog(path: string): Promise<Uint8Array> {
  let answer: Response;
  try {
    answer = await fetch(`/log/${path}`, { credentials: "omit", referrerPolicy: "no-referrer" });
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer());
  } catch {
    // Said below.
  }
  throw new Unreachable();
}
