// What a holder's browser remembers of this origin: which recipient set and log it trusts, and the last it saw. Public
// data alone. The same things as the state folder of the command-line tools (src/cli/pins.rs), as one text:
//
//   { "fingerprint", "set": <recipient-set.json>, "log", "memory": <memory.json> }

import { type RecipientSet, type UntrustedSet, fingerprint, following, pinned } from "../core/recipients.ts";
import { type LogKey, readLogKey, writeLogKey } from "../log/checkpoint.ts";
import type { Seen } from "../log/proof.ts";
import { refused as refusedByLog } from "../log/refusals.ts";
import { readHash, writeHash } from "../log/tree.ts";
import { type Json, record, writeJson } from "./json.ts";
import { refused, within } from "./refusals.ts";
import { untrustedSet } from "./sets.ts";
import * as shape from "./shape.ts";

/** Where a text is kept: the browser's `localStorage`, or a test's. */
export interface Shelf {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
}

export interface Memory {
  fingerprint: string;
  set: UntrustedSet;
  /** `null` on the office's face: its tool reads no log. */
  log: LogKey | null;
  seen: Seen | null;
  /** The highest roster of approvers met; an older one is refused. */
  roster: number;
}

const memory = shape.object({
  fingerprint: shape.text((text) => (/^([0-9a-f]{4}-){15}[0-9a-f]{4}$/.test(text) ? text : null)),
  set: untrustedSet,
  log: shape.optional(shape.text(readLogKey)),
  memory: shape.object({
    seen: shape.optional(shape.object({ size: shape.u64, root: shape.text(readHash) })),
    roster: shape.u32,
  }),
});

/** A spoilt memory is refused, not taken for none: forgetting is what an attacker would want. */
export function readMemory(text: string): Memory {
  const read = shape.readAs(memory, text);
  if (!read || fingerprint(read.set) !== read.fingerprint) throw refused("memory-unreadable");
  return { fingerprint: read.fingerprint, set: read.set, log: read.log, ...read.memory };
}

export function writeMemory({ fingerprint, set, log, seen, roster }: Memory): string {
  const last: Json = seen && record({ size: seen.size, root: writeHash(seen.root) });
  return writeJson(
    record({
      fingerprint,
      set: record({
        body: set.body,
        signatures: set.signatures.map(({ by, signature }) => record({ by, signature })),
      }),
      log: log && writeLogKey(log),
      memory: record({ seen: last, roster: BigInt(roster) }),
    }),
  );
}

/**
 * Refuses what forgets something of the memory `before`: another log, an older set, roster or tree. Whether a larger tree
 * keeps what the smaller one held, only a proof can say.
 */
function follows(next: Memory, before: Memory): void {
  if (before.log && (!next.log || writeLogKey(next.log) !== writeLogKey(before.log))) {
    throw refused("memory-other-log", { log: writeLogKey(before.log) });
  }
  if (next.fingerprint !== before.fingerprint) within("set", () => following(next.set, trusted(before)));
  const forgets = before.seen && (!next.seen || next.seen.size < before.seen.size);
  if (forgets || next.roster < before.roster) throw refused("memory-older");
  const same = before.seen && next.seen?.size === before.seen.size;
  if (same && writeHash(next.seen!.root) !== writeHash(before.seen!.root)) throw refusedByLog("tree-rewritten");
}

/** Each holder's own, since several may share a machine; `holder` is no name that the server gives. */
export class Memories {
  private readonly key: string;

  constructor(
    private readonly shelf: Shelf,
    holder: string,
  ) {
    this.key = `mifeng-holder-${holder}`;
  }

  recall(): Memory | null {
    const text = this.shelf.getItem(this.key);
    return text === null ? null : readMemory(text);
  }

  /**
   * Before a share is given. `before` is what was recalled and everything was checked against: if another tab has kept
   * something since, nothing is. Reads it again: a browser that keeps nothing must not look as if it did.
   */
  keep(memory: Memory, before: Memory | null): void {
    const now = this.recall();
    if ((now && writeMemory(now)) !== (before && writeMemory(before))) throw refused("memory-changed");
    if (before) follows(memory, before);
    const text = writeMemory(memory);
    try {
      this.shelf.setItem(this.key, text);
    } catch {
      throw refused("memory-not-kept");
    }
    if (this.shelf.getItem(this.key) !== text) throw refused("memory-not-kept");
  }
}

/** What somebody read off a poster or the ceremony's minutes. */
export interface Typed {
  /** The first and the last group of the fingerprint. */
  first: string;
  last: string;
  /** The eight digits in the middle of the log's key. */
  log: string;
}

/**
 * Pins a set that was compared with the poster; `null` if what was typed is not its. A set that follows a pinned one
 * must be signed by the office and enough trustees of that; what was seen of the log stays.
 */
export function pin(set: UntrustedSet, log: LogKey | null, typed: Typed, before: Memory | null): Memory | null {
  const print = fingerprint(set);
  within("set", () => {
    pinned(set, print);
    if (before) following(set, trusted(before));
  });
  const groups = print.split("-");
  const plain = (text: string): string => text.normalize("NFKC").trim().toLowerCase();
  const fits =
    plain(typed.first) === groups[0] &&
    plain(typed.last) === groups[groups.length - 1] &&
    (log === null || before !== null || plain(typed.log) === writeLogKey(log).split("+")[1]);
  if (!fits) return null;
  return { seen: null, roster: 0, ...before, fingerprint: print, set, log: before?.log ?? log };
}

/** The set a memory holds, its signatures checked again. */
export function trusted(memory: Memory): RecipientSet {
  return within("set", () => pinned(memory.set, memory.fingerprint));
}
