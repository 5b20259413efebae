// Finding a report's entries among all of them, as the reporter does: every entry is looked at, so that whoever
// serves the log learns nothing about which were found. As src/log/{replay,scan}.rs.

import { same } from "../core/bytes.ts";
import { Refused } from "../core/refused.ts";
import { type LogKey, Signed, noteText } from "./checkpoint.ts";
import { ENTRIES_PER_REPORT, EVENTS, type Event, type Leaf, type Purpose, face, leafTag, openLeaf, tagOf } from "./leaf.ts";
import type { Seen } from "./proof.ts";
import { refused } from "./refusals.ts";
import { bundles, parseBundle } from "./tiles.ts";
import { Frontier, writeHash } from "./tree.ts";

/** One entry that carries this report's tag. */
export interface Found {
  /** Its place in the log. */
  index: bigint;
  n: number;
  /** By its tag, which holds even when the rest cannot be read. */
  event: Event;
  /** `null`: it cannot be read. */
  leaf: Leaf | null;
}

/** Fetches what stands at `path` (`checkpoint`, `tile/…`) below the log's address. */
export type Fetch = (path: string) => Promise<Uint8Array>;

/** What the log says about one report. */
export interface Answer {
  /** What to remember of this log. */
  seen: Seen;
  history: History;
}

/**
 * Reads the whole log, checks it against the signed checkpoint and the last one seen, and finds one report's entries.
 * `progress` is told how many entries of how many were read; `each` is shown every entry.
 */
export async function readLog(
  fetch: Fetch,
  log: LogKey,
  last: Seen | null,
  audit: Uint8Array,
  progress: (read: bigint, size: bigint) => void = () => {},
  each: (entry: Uint8Array) => void = () => {},
): Promise<Answer> {
  const replay = new Replay(log, noteText(await fetch("checkpoint")), last);
  const { size } = replay.signed.checkpoint;
  const scan = new Scan(audit);
  for (const bundle of bundles(size)) {
    for (const entry of parseBundle(bundle, await fetch(bundle.path))) {
      replay.append(entry);
      scan.look(entry);
      each(entry);
    }
    progress(replay.size, size);
  }
  return { seen: replay.finish(), history: scan.finish() };
}

/** A log being read from its first entry to its last. Entries are believed once {@link Replay.finish} agrees. */
export class Replay {
  readonly signed: Signed;
  private readonly edge = new Frontier();

  /** `last` is what this reader remembers of the same log. */
  constructor(
    log: LogKey,
    note: string,
    private readonly last: Seen | null,
  ) {
    this.signed = Signed.open(log, note);
    const { size } = this.signed.checkpoint;
    if (last && last.size > size) throw refused("log-shrunk", { size, seen: last.size });
    this.compare();
  }

  get size(): bigint {
    return this.edge.size;
  }

  append(entry: Uint8Array): void {
    this.edge.append(entry);
    this.compare();
  }

  finish(): Seen {
    const { size, root } = this.signed.checkpoint;
    if (this.edge.size !== size || !same(this.edge.root(), root)) throw refused("log-not-signed");
    return { size, root };
  }

  private compare(): void {
    if (this.last && this.last.size === this.edge.size && !same(this.last.root, this.edge.root())) {
      throw refused("log-rewritten", { size: this.last.size });
    }
  }
}

/** Tries every event at every `n`, not only the next one expected: a server that skips a number hides nothing. */
export class Scan {
  private readonly tags = new Map<string, [Event, number]>();
  private readonly found: Found[] = [];
  private next = 0n;

  constructor(private readonly audit: Uint8Array) {
    for (let n = 0; n < ENTRIES_PER_REPORT; n += 1) {
      for (const event of Object.keys(EVENTS) as Event[]) this.tags.set(writeHash(leafTag(audit, event, n)), [event, n]);
    }
  }

  /** Takes the next entry of the log, as it stands there. Entries of a later version are passed over. */
  look(entry: Uint8Array): void {
    const index = this.next;
    this.next += 1n;
    if (!attempt(() => face(entry))) return;
    const own = this.tags.get(writeHash(tagOf(entry)));
    if (!own) return;
    const [event, n] = own;
    this.found.push({ index, n, event, leaf: attempt(() => openLeaf(entry, this.audit, n)) });
  }

  finish(): History {
    return new History(this.found.sort((a, b) => a.n - b.n || Number(a.index - b.index)));
  }
}

/** All entries of one report, by `n`, then by place. */
export class History {
  constructor(readonly found: readonly Found[]) {}

  /** The day on which the report entered the log under this receipt. */
  received(): string | null {
    const first = this.found.filter(({ event, n }) => event === "received" || (event === "taken_over" && n === 0));
    const days = first.flatMap(({ leaf }) => (leaf ? [leaf.day] : []));
    return days.sort()[0] ?? null;
  }

  /** Every opening that was announced: the day and the purpose where they can be read. */
  openings(): { day: string | null; purpose: Purpose | null }[] {
    const releases = this.found.filter(({ event }) => event === "release");
    return releases.map(({ leaf }) => ({ day: leaf?.day ?? null, purpose: leaf?.purpose ?? null }));
  }

  /** What the log says about originals that were asked for, in its order. */
  originals(): { event: Event; day: string; name: string }[] {
    const about = this.found.flatMap(({ event, leaf }) => (leaf?.purpose === "files" ? [{ event, leaf }] : []));
    return about.map(({ event, leaf }) => ({ event, day: leaf.day, name: leaf.award ?? "" }));
  }

  /** Whether originals were opened of which no entry before says that it was asked for. */
  isOpenedUntold(): boolean {
    const asked = new Set<string>();
    return this.originals().some(({ event, name }) => {
      if (event === "asked") asked.add(name);
      return event === "release" && !asked.has(name);
    });
  }

  /**
   * Whether the entries are counted 0, 1, 2 … without gap or repetition, and all can be read. If not, the server made
   * a mistake, was restored from a backup, or hides something.
   */
  isWhole(): boolean {
    return this.found.every(({ n, leaf }, i) => n === i && leaf !== null);
  }
}

function attempt<T>(read: () => T): T | null {
  try {
    return read();
  } catch (why) {
    if (why instanceof Refused) return null;
    throw why;
  }
}
