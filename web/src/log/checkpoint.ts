// Checkpoints (C2SP tlog-checkpoint) as signed notes, and cosignatures of those who saw them. As src/log/checkpoint.rs.

import { ed25519 } from "@noble/curves/ed25519.js";
import { concat, fromPaddedBase64, fromUtf8, same, toHex, toPaddedBase64, utf8 } from "../core/bytes.ts";
import { sha256 } from "../core/transcript.ts";
import { refused } from "./refusals.ts";
import { type Hash, type Root, readHash } from "./tree.ts";

const LOG = 0x01;
const COSIGNATURE = 0x04;
const LARGEST_NOTE = 1_000_000;
const MOST_SIGNATURES = 100;
const LARGEST_SIZE = (1n << 64n) - 1n;

/** Size and root of a log at one moment. */
export interface Checkpoint extends Root {
  origin: string;
}

/** The log's own verifying key, pinned by everyone who checks the log: name+hash+base64(01 ‖ key). */
export interface LogKey {
  readonly name: string;
  readonly key: Uint8Array;
}

export function readLogKey(text: string): LogKey {
  const [name, id, encoded] = splitKey(text.trim());
  const tagged = decode(encoded);
  if (tagged?.length !== 33 || tagged[0] !== LOG) throw refused("checkpoint-key");
  checkName(name);
  if (toHex(keyId(name, tagged)) !== id) throw refused("checkpoint-key");
  return { name, key: tagged.slice(1) };
}

export function writeLogKey(log: LogKey): string {
  const tagged = concat(Uint8Array.of(LOG), log.key);
  return `${log.name}+${toHex(keyId(log.name, tagged))}+${toPaddedBase64(tagged)}`;
}

/** A checkpoint that carries the pinned log key's signature. Only {@link openCheckpoint} makes one. */
export class Signed {
  private constructor(
    readonly checkpoint: Checkpoint,
    private readonly text: string,
    /** The whole note with every signature, as published. */
    readonly note: string,
  ) {}

  /** Checks a checkpoint's signature and takes it as this log's. */
  static open(log: LogKey, note: string): Signed {
    const { text, lines } = readNote(note);
    const id = keyId(log.name, concat(Uint8Array.of(LOG), log.key));
    const ours = lines.find((line) => line.name === log.name && same(line.id, id));
    if (!ours || !verified(ours.payload, utf8(text), log.key)) throw refused("checkpoint-signature");
    const checkpoint = readCheckpoint(text);
    if (checkpoint.origin !== log.name) throw refused("checkpoint-origin", { origin: checkpoint.origin });
    return new Signed(checkpoint, text, note);
  }

  /**
   * The note with the signature of a witness who checked that it continues the last one it saw.
   * `seconds` since 1970-01-01T00:00Z.
   */
  cosigned(name: string, seed: Uint8Array, seconds: bigint): string {
    checkName(name);
    const tagged = concat(Uint8Array.of(COSIGNATURE), ed25519.getPublicKey(seed));
    const time = new Uint8Array(8);
    new DataView(time.buffer).setBigUint64(0, seconds);
    const signature = ed25519.sign(utf8(`cosignature/v1\ntime ${seconds}\n${this.text}`), seed);
    return `${this.note}— ${name} ${toPaddedBase64(concat(keyId(name, tagged), time, signature))}\n`;
  }
}

/** The three lines; lines after them (extensions) are passed over, as the specification asks. */
export function readCheckpoint(text: string): Checkpoint {
  const [origin, size, root, ...more] = text.endsWith("\n") ? text.slice(0, -1).split("\n") : [];
  const plain = origin !== undefined && size !== undefined && root !== undefined && /^(0|[1-9][0-9]{0,19})$/.test(size);
  if (!plain || more.includes("") || BigInt(size) > LARGEST_SIZE) throw refused("checkpoint-none");
  checkName(origin);
  let hash: Hash;
  try {
    hash = readHash(root);
  } catch {
    throw refused("checkpoint-none");
  }
  return { origin, size: BigInt(size), root: hash };
}

interface Line {
  name: string;
  id: Uint8Array;
  payload: Uint8Array;
}

function readNote(note: string): { text: string; lines: Line[] } {
  const broken = refused("checkpoint-note");
  const split = note.lastIndexOf("\n\n");
  if (utf8(note).length > LARGEST_NOTE || /[\0-\x09\x0b-\x1f]/.test(note) || split < 0 || !note.endsWith("\n")) throw broken;
  const lines = note.slice(split + 2, -1).split("\n").map((line) => {
    const [, name, encoded] = /^— ([^ ]+) ([^ ]+)$/.exec(line) ?? [];
    const bytes = decode(encoded ?? "");
    if (name === undefined || !bytes || bytes.length < 5 || !isName(name)) throw broken;
    return { name, id: bytes.subarray(0, 4), payload: bytes.subarray(4) };
  });
  if (lines.length > MOST_SIGNATURES) throw broken;
  return { text: note.slice(0, split + 1), lines };
}

function verified(signature: Uint8Array, text: Uint8Array, key: Uint8Array): boolean {
  return signature.length === 64 && ed25519.verify(signature, text, key, { zip215: false });
}

/** SHA-256(name ‖ 0x0A ‖ algorithm ‖ key)[..4]. */
function keyId(name: string, tagged: Uint8Array): Uint8Array {
  return sha256(concat(utf8(`${name}\n`), tagged)).slice(0, 4);
}

function splitKey(text: string): [string, string, string] {
  const first = text.indexOf("+");
  const second = text.indexOf("+", first + 1);
  if (first < 0 || second < 0) throw refused("checkpoint-key");
  return [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

function isName(name: string): boolean {
  return name !== "" && !/[\s\p{Cc}+\u0085]/u.test(name);
}

function checkName(name: string): void {
  if (!isName(name)) throw refused("checkpoint-name");
}

function decode(text: string): Uint8Array | undefined {
  try {
    return fromPaddedBase64(text);
  } catch {
    return undefined;
  }
}

/** A note as bytes, as it is fetched. */
export function noteText(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch {
    throw refused("checkpoint-note");
  }
}
