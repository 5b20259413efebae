// A file of staff's to the reporter, opened on the reporter's device: as `src/mailbox/file.rs` seals it.
//
//   sealed file = version ‖ suite ‖ age file to the mailbox ‖ zeros ‖ length of the age file (8 B)
//   inside      = the bytes of the file, unchanged
//   label       = sealed as a message; inside: JSON { format, report, blob, name, media_type, bytes }

import { openAge } from "./agefile.ts";
import { readU32 } from "./bytes.ts";
import { harmless } from "./filename.ts";
import type { FilePlace } from "./files.ts";
import { openMessage } from "./mailbox.ts";
import { PREFIX, storedBytes, TRAILER } from "./padme.ts";

const VERSION = 1;
/** age v1 with one X25519 recipient. */
const SUITE = 1;

export interface Label {
  /** Safe to save under. */
  name: string;
  /** Length of the file. */
  bytes: number;
}

/** What is said of the file at this place; `undefined` if it is not sealed to this receipt, or belongs elsewhere. */
export async function openLabel(sealed: string, identity: string, place: FilePlace): Promise<Label | undefined> {
  const text = await openMessage(sealed, identity);
  if (text === undefined) return undefined;
  let label: Record<string, unknown>;
  try {
    label = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { format, report, blob, name, bytes } = label ?? {};
  if (format !== 1 || report !== place.report || blob !== place.blob) return undefined;
  if (typeof name !== "string" || !Number.isSafeInteger(bytes)) return undefined;
  return { name: harmless(name), bytes: bytes as number };
}

/** The file, checked to its last padding byte; `undefined` for any failure, which is all a caller may say. */
export async function openFile(sealed: Uint8Array, identity: string, label: Label): Promise<Uint8Array | undefined> {
  const file = ageFileOf(sealed);
  const plain = file && (await openAge(file, identity));
  return plain?.length === label.bytes ? plain : undefined;
}

/** The age file inside the frame, or `undefined` if the frame is not ours. */
export function ageFileOf(sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < PREFIX + TRAILER || sealed[0] !== VERSION || sealed[1] !== SUITE) return undefined;
  const at = sealed.length - TRAILER;
  const length = readU32(sealed, at) * 2 ** 32 + readU32(sealed, at + 4);
  if (length > at - PREFIX || storedBytes(length) !== sealed.length) return undefined;
  for (let i = PREFIX + length; i < at; i++) if (sealed[i] !== 0) return undefined;
  return sealed.subarray(PREFIX, PREFIX + length);
}
