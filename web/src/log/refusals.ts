// Why a log, an entry or a proof is refused, one code a reason, in the words of the Rust side.

import { Refused } from "../core/refused.ts";

const SENTENCES = {
  "tree-range": "leaf {index} is not in a tree of {size}",
  "tree-no-prefix": "a tree of {older} cannot grow into one of {newer}",
  "tree-not-included": "the entry is not in the tree at that place",
  "tree-rewritten": "the newer tree does not keep what the older one held",
  "tree-no-hash": "not a SHA-256 hash (expected 32 bytes in base64)",
  "checkpoint-key": "not a verifying key (expected name+hash+key)",
  "checkpoint-name": "a log's name must not be empty nor hold white space, control characters or a plus sign",
  "checkpoint-note": "not a signed note",
  "checkpoint-signature": "not signed by the log's key, or changed since",
  "checkpoint-none": "the note is signed, but is no checkpoint",
  "checkpoint-origin": "a checkpoint of another log: {origin}",
  "leaf-length": "an entry has 128 bytes, this one {length}",
  "leaf-unknown": "version {version}, suite {suite} or kind {kind} is not known here",
  "leaf-not-this": "the entry belongs to another report, or was changed",
  "leaf-malformed": "the entry is this report's, but what it says is not well formed",
  "proof-unreadable": "not a proof of version 1",
  "proof-older": "the checkpoint has {size} entries, but {seen} were seen before: ask for a fresh proof. If that has fewer, too, the log was rolled back: give no share, and tell the other trustees",
  "proof-reach": "the proof does not reach back to the {seen} entries seen before: ask for one that does",
  "log-bundle": "{path}: the bundle is cut short or holds more than its width",
  "log-shrunk": "the log has {size} entries now, but had {seen} when it was last seen",
  "log-rewritten": "the first {size} entries are not those that were seen before",
  "log-not-signed": "the entries do not add up to the signed checkpoint",
  "release-other-place": "the entry stands at another place of the log than the release says",
  "release-other-report": "the entry was not made with the audit key of this report",
  "release-other-release": "the entry does not announce this release",
} as const;

export type Code = keyof typeof SENTENCES;
export const CODES = Object.keys(SENTENCES) as Code[];
export type About = Record<string, string | number | bigint>;

export function refused(code: Code, about: About = {}): Refused {
  return refuse(code, SENTENCES[code], about);
}

/** A refusal whose sentence has {name} where a value stands. */
export function refuse(code: string, sentence: string, about: About): Refused {
  const shown = Object.fromEntries(
    Object.entries(about).map(([name, value]) => [name, typeof value === "bigint" ? value.toString() : value]),
  );
  return new Refused(code, fill(sentence, shown), shown);
}

export function fill(sentence: string, about: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (all, name: string) => String(about[name] ?? all));
}
