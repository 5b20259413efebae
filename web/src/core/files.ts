// Originals, sealed as they are read, in constant memory: as `src/cleartext/files/sealer.rs`.
//
//   sealed file = version ‖ suite ‖ age file ‖ zeros ‖ length of the age file (8 B)
//   plain       = length of the header (4 B) ‖ header ‖ bytes of the upload, unchanged
//
// The pieces handed on are CHUNK_BYTES long, the last may be shorter, as the store keeps them. A piece that was
// sent must be sent again as it was: sealing a second time gives other bytes.

import { encrypter } from "./agefile.ts";
import { concat, json, u32, u64, utf8, wellFormed } from "./bytes.ts";
import { CHUNK_BYTES, PREFIX, storedBytes, TRAILER } from "./padme.ts";
import type { Random } from "./random.ts";
import { Refused } from "./refused.ts";

const VERSION = 1;
/** age v1 with one X25519 recipient. */
const SUITE = 1;
/** Read from the device at once. */
const SLICE = 256 * 1024;
const MAX_NAME_BYTES = 255;

/** The one place a sealed file belongs to: two ids of 32 hexadecimal digits. */
export interface FilePlace {
  report: string;
  blob: string;
}

/** What is read from: a browser's File, or anything that gives slices. */
export interface Sliceable {
  readonly size: number;
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** A file about to be sealed. */
export interface SealingFile {
  /** Of all pieces together; a Padmé length. */
  readonly bytes: number;
  readonly chunks: number;
  /** To be taken once, from first to last. */
  readonly pieces: AsyncGenerator<Uint8Array, void, undefined>;
}

/** Whether this browser has the streams that age needs. Without them nothing is sealed here, nor anything less. */
export function canSealFiles(): boolean {
  const streams = typeof ReadableStream === "function" && typeof TransformStream === "function";
  return streams && typeof Blob === "function" && typeof Blob.prototype.arrayBuffer === "function";
}

/** Begins to seal; nothing of the file is read before the first piece is asked for. */
export async function sealFile(
  file: Sliceable,
  place: FilePlace,
  recipient: string,
  name: string,
  mediaType: string,
  random: Random,
): Promise<SealingFile> {
  if (!canSealFiles()) {
    throw new Refused("browser-streams", "this browser cannot seal files; nothing was sent");
  }
  const head = header(place, name, mediaType);
  const plainBytes = head.length + file.size;
  const sealed = await encrypter([recipient], random).encrypt(plain(head, file));
  const ageBytes = sealed.size(plainBytes);
  const bytes = storedBytes(ageBytes);
  return { bytes, chunks: Math.ceil(bytes / CHUNK_BYTES), pieces: framed(sealed, ageBytes, bytes) };
}

function header(place: FilePlace, name: string, mediaType: string): Uint8Array {
  const { report, blob } = place;
  const text = json({ format: 1, report, blob, name: cut(wellFormed(name)), media_type: mediaType });
  return concat(u32(text.length), text);
}

/** Cut between characters to what file systems allow a name to have. */
function cut(name: string): string {
  let out = "";
  let bytes = 0;
  for (const c of name) {
    bytes += utf8(c).length;
    if (bytes > MAX_NAME_BYTES) break;
    out += c;
  }
  return out;
}

/** Header and file as a stream that reads one slice whenever one is wanted. */
function plain(head: Uint8Array, file: Sliceable): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>({
    start: (stream) => stream.enqueue(head),
    async pull(stream) {
      if (at >= file.size) return stream.close();
      const end = Math.min(at + SLICE, file.size);
      stream.enqueue(await read(file, at, end));
      at = end;
    },
  });
}

/** Browsers refuse to go on reading a file that was changed on the device. */
async function read(file: Sliceable, from: number, to: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.slice(from, to).arrayBuffer());
  } catch {
    throw new Refused("file-unreadable", "the file cannot be read any more: it was changed, moved or taken away");
  }
}

async function* framed(sealed: ReadableStream<Uint8Array>, ageBytes: number, bytes: number) {
  const chunks = new Chunks();
  yield* chunks.push(Uint8Array.of(VERSION, SUITE));
  const reader = sealed.getReader();
  let found = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      found += value.length;
      yield* chunks.push(value);
    }
  } finally {
    // Whoever stops early (cancel, a dropped connection) stops the reading of the file too.
    await reader.cancel().catch(() => undefined);
  }
  // A file that shrank would otherwise end early without a word.
  if (found !== ageBytes) throw new Refused("file-changed", "the file changed while it was being read");
  for (let zeros = bytes - PREFIX - ageBytes - TRAILER; zeros > 0; zeros -= CHUNK_BYTES) {
    yield* chunks.push(new Uint8Array(Math.min(zeros, CHUNK_BYTES)));
  }
  yield* chunks.push(u64(ageBytes));
  yield* chunks.rest();
}

/** Cuts bytes of any length into pieces of CHUNK_BYTES. */
class Chunks {
  #chunk = new Uint8Array(CHUNK_BYTES);
  #used = 0;

  *push(bytes: Uint8Array): Generator<Uint8Array> {
    for (let at = 0; at < bytes.length; ) {
      const taken = Math.min(bytes.length - at, CHUNK_BYTES - this.#used);
      this.#chunk.set(bytes.subarray(at, at + taken), this.#used);
      this.#used += taken;
      at += taken;
      if (this.#used === CHUNK_BYTES) {
        yield this.#chunk;
        this.#chunk = new Uint8Array(CHUNK_BYTES);
        this.#used = 0;
      }
    }
  }

  *rest(): Generator<Uint8Array> {
    if (this.#used > 0) yield this.#chunk.subarray(0, this.#used);
  }
}
