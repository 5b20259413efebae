// One file: told by its content, sealed here as it is read, sent piece by piece. In memory at any time: the pieces
// under way (2 MiB at most), what the seal reads ahead, and of a picture that gets a copy the picture itself.

import { strip } from "../core/clean/strip.ts";
import { sealFile } from "../core/files.ts";
import { kindOf, SNIFF_BYTES } from "../core/kind.ts";
import { random } from "../core/random.ts";
import { ask, Declined, once, type Line } from "./line.ts";

/** Of each media type the portal takes: bytes at most, and whether investigators get a copy. */
export type Types = Record<string, { most: number; copied: boolean }>;

/** Why nothing was sent: a key of the page's words. */
export class NotSent extends Error {
  constructor(
    readonly why: "none" | "type" | "big" | "changed",
    readonly mb = 0,
  ) {
    super(why);
  }
}

export interface Kept {
  n: number;
  size: string;
  copy: boolean;
  /** The name the portal has for it. */
  blob: string;
}

export interface Job {
  file: File;
  wantsCopy: boolean;
  line: Line;
  /** So much of so much is with the portal. */
  progress(sent: number, total: number): void;
}

interface Begun {
  upload: string;
  blob: string;
  report: string;
  files_recipient: string;
  limits: { piece: number };
}

const LEAST_STEP = 64 * 1024;
/** A piece that takes less makes the next one larger, one that takes more makes it smaller. */
const QUICK_MS = 1500;
const SLOW_MS = 8000;

export class Uploads {
  constructor(
    private readonly address: string,
    private readonly token: string,
    private readonly types: Types,
  ) {}

  /** The whole way of one file. Throws `NotSent`, `Declined`, or what the job's signal was aborted with. */
  async send(job: Job): Promise<Kept> {
    const begun: string[] = [];
    try {
      return await this.#send(job, begun);
    } catch (why) {
      // What is not wanted any more is given up; if that does not arrive, the portal forgets it by itself.
      const after = new AbortController();
      for (const id of begun) void once(after.signal, "DELETE", `${this.address}/${id}`).catch(() => undefined);
      throw why;
    }
  }

  async #send({ file, wantsCopy, line, progress }: Job, begun: string[]): Promise<Kept> {
    const kind = kindOf(await read(file, 0, Math.min(file.size, SNIFF_BYTES)));
    const type = Object.prototype.hasOwnProperty.call(this.types, kind) ? this.types[kind] : undefined;
    if (file.size === 0) throw new NotSent("none");
    if (type === undefined) throw new NotSent("type");
    if (file.size > type.most) throw new NotSent("big", type.most >> 20);

    let before = 0;
    let copy: string | undefined;
    if (wantsCopy && type.copied) {
      const picture = strip(await read(file, 0, file.size));
      if (picture === undefined) throw new NotSent("type");
      const { upload, limits } = await this.#begin(line, "copy", begun);
      copy = upload;
      before = picture.length;
      await this.#pieces(line, copy, limits.piece, only(picture), (sent) => progress(sent, before + file.size));
      await this.#finish(line, copy, { bytes: picture.length });
    }
    const { upload, blob, report, files_recipient, limits } = await this.#begin(line, "original", begun);
    const sealing = await sealFile(file, { report, blob }, files_recipient, file.name, kind, random);
    await this.#pieces(line, upload, limits.piece, sealing.pieces, (sent) => progress(before + sent, before + sealing.bytes));
    const kept = await this.#finish<Omit<Kept, "blob">>(line, upload, { bytes: sealing.bytes, ...(copy && { copy }) });
    return { ...kept, blob };
  }

  async #begin(line: Line, kind: "original" | "copy", begun: string[]): Promise<Begun> {
    const answer = await ask<Begun>(line, "POST", this.address, { once: this.token, kind });
    begun.push(answer.upload);
    return answer;
  }

  #finish<T>(line: Line, id: string, body: unknown): Promise<T> {
    return ask<T>(line, "POST", `${this.address}/${id}/finish`, body);
  }

  /** Sends while the next bytes are being sealed. */
  async #pieces(
    line: Line,
    id: string,
    most: number,
    source: AsyncGenerator<Uint8Array, void, undefined>,
    progress: (sent: number) => void,
  ): Promise<void> {
    const gather = new Gather(source, most);
    const pace = new Pace(most);
    let at = 0;
    try {
      let next = gather.next();
      for (;;) {
        const piece = await next;
        if (piece === undefined) return;
        next = gather.next();
        // Its failure is looked at when its turn comes.
        next.catch(() => undefined);
        for (let from = 0; from < piece.length; ) {
          const part = piece.subarray(from, from + pace.step);
          const there = await pace.timed(() => this.#put(line, id, at, part));
          if (there < at || there > at + part.length) throw new Declined("offset", "", there);
          from += there - at;
          at = there;
          progress(at);
        }
      }
    } finally {
      await source.return();
    }
  }

  async #put(line: Line, id: string, at: number, part: Uint8Array): Promise<number> {
    try {
      return (await ask<{ at: number }>(line, "PUT", `${this.address}/${id}?at=${at}`, part)).at;
    } catch (why) {
      if (why instanceof Declined && why.code === "offset" && why.at !== undefined) return why.at;
      throw why;
    }
  }
}

async function read(file: File, from: number, to: number): Promise<Uint8Array> {
  try {
    const bytes = new Uint8Array(await file.slice(from, to).arrayBuffer());
    if (bytes.length === to - from) return bytes;
  } catch {
    // Moved, changed or taken away since it was chosen.
  }
  throw new NotSent("changed");
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

/** Puts what comes together into arrays of at most `most` bytes. Each is good until the one after the next is asked for. */
class Gather {
  #left: Uint8Array | undefined;
  #arrays: [Uint8Array, Uint8Array];

  constructor(
    private readonly source: AsyncGenerator<Uint8Array, void, undefined>,
    most: number,
  ) {
    this.#arrays = [new Uint8Array(most), new Uint8Array(most)];
  }

  async next(): Promise<Uint8Array | undefined> {
    const [out, other] = this.#arrays;
    this.#arrays = [other, out];
    let used = 0;
    while (used < out.length) {
      const bytes = this.#left ?? (await this.source.next()).value;
      if (bytes === undefined) break;
      const taken = bytes.subarray(0, out.length - used);
      out.set(taken, used);
      used += taken.length;
      this.#left = taken.length < bytes.length ? bytes.subarray(taken.length) : undefined;
    }
    return used === 0 ? undefined : out.subarray(0, used);
  }
}

/** How much to send at once: little where a dropped connection would cost much. */
class Pace {
  step = LEAST_STEP * 2;

  constructor(private readonly most: number) {}

  async timed<T>(work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const done = await work();
    const took = performance.now() - began;
    if (took < QUICK_MS) this.step = Math.min(this.step * 2, this.most);
    else if (took > SLOW_MS) this.step = Math.max(this.step / 2, LEAST_STEP);
    return done;
  }
}
