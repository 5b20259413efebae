// What a file is, by its first bytes, as `src/file_kind.rs` tells it. A name or a declared type is only
// somebody's word.

import { startsWith } from "./clean/pieces.ts";

/** How much of a file's beginning is looked at. */
export const SNIFF_BYTES = 4096;

/** What is no file we know, or a program. */
export const UNKNOWN = "application/octet-stream";

/** Fixed bytes at the very beginning. Order matters where one is a prefix of another. */
const MAGIC: [string, string][] = [
  ["\xff\xd8\xff", "image/jpeg"],
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["GIF87a", "image/gif"],
  ["GIF89a", "image/gif"],
  ["II*\0", "image/tiff"],
  ["MM\0*", "image/tiff"],
  ["%PDF-", "application/pdf"],
  ["\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"],
  ["{\\rtf", "application/rtf"],
  ["Rar!\x1a\x07", "application/vnd.rar"],
  ["7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"],
  ["\x1f\x8b\x08", "application/gzip"],
  ["#!AMR", "audio/amr"],
  ["OggS", "audio/ogg"],
  ["fLaC", "audio/flac"],
  ["ID3", "audio/mpeg"],
  ["\xff\xfb", "audio/mpeg"],
  ["\xff\xf3", "audio/mpeg"],
  ["\xff\xf2", "audio/mpeg"],
  ["\xff\xf1", "audio/aac"],
  ["\xff\xf9", "audio/aac"],
  ["FLV\x01", "video/x-flv"],
  ["\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-wmv"],
  ["\0\0\x01\xba", "video/mpeg"],
  ["\0\0\x01\xb3", "video/mpeg"],
  ["MZ", UNKNOWN],
  ["\x7fELF", UNKNOWN],
  ["\xcf\xfa\xed\xfe", UNKNOWN],
  ["\xca\xfe\xba\xbe", UNKNOWN],
  ["dex\n", UNKNOWN],
  ["#!", UNKNOWN],
];

const OFFICE = "application/vnd.openxmlformats-officedocument.";
/** Zip files are told apart by the names of their first entries. */
const ZIPPED: [string, string][] = [
  ["word/", `${OFFICE}wordprocessingml.document`],
  ["xl/", `${OFFICE}spreadsheetml.sheet`],
  ["ppt/", `${OFFICE}presentationml.presentation`],
  ["mimetypeapplication/vnd.oasis.opendocument", "application/vnd.oasis.opendocument"],
  ["AndroidManifest.xml", UNKNOWN],
];

/** Media type of the file that begins with these bytes; more than SNIFF_BYTES of them are not read. */
export function kindOf(firstBytes: Uint8Array): string {
  const head = firstBytes.subarray(0, SNIFF_BYTES);
  return byMagic(head) ?? container(head) ?? zip(head) ?? (isText(head) ? "text/plain" : UNKNOWN);
}

function byMagic(head: Uint8Array): string | undefined {
  if (startsWith(head, "BM") && startsWith(head, "\0\0\0\0", 6)) return "image/bmp";
  return MAGIC.find(([magic]) => startsWith(head, magic))?.[1];
}

function container(head: Uint8Array): string | undefined {
  const tag = (at: number) => (head.length < at + 4 ? undefined : String.fromCharCode(...head.subarray(at, at + 4)));
  if (tag(0) === "RIFF") {
    return { WEBP: "image/webp", WAVE: "audio/wav", "AVI ": "video/x-msvideo" }[tag(8) ?? ""];
  }
  if (tag(0) === "\x1a\x45\xdf\xa3") {
    return String.fromCharCode(...head.subarray(0, 64)).includes("webm") ? "video/webm" : "video/x-matroska";
  }
  if (tag(4) === "ftyp") return tag(8) === undefined ? undefined : brand(tag(8)!);
  return ["moov", "mdat", "wide"].includes(tag(4) ?? "") ? "video/quicktime" : undefined;
}

function brand(brand: string): string {
  if (["heic", "heix", "heim", "heis", "hevc", "mif1", "msf1"].includes(brand)) return "image/heic";
  if (brand === "avif" || brand === "avis") return "image/avif";
  if (brand === "qt  ") return "video/quicktime";
  if (brand === "M4A " || brand === "M4B ") return "audio/mp4";
  return brand.startsWith("3g") ? "video/3gpp" : "video/mp4";
}

function zip(head: Uint8Array): string | undefined {
  if (!startsWith(head, "PK\x03\x04")) return undefined;
  for (let at = 0; at < head.length; at++) {
    if (!startsWith(head, "PK\x03\x04", at)) continue;
    const found = ZIPPED.find(([start]) => startsWith(head, start, at + 30));
    if (found) return found[1];
  }
  return "application/zip";
}

/** No control characters but white space. UTF-8 and GB 18030 both pass; UTF-16 by its mark. */
function isText(head: Uint8Array): boolean {
  if (startsWith(head, "\xff\xfe") || startsWith(head, "\xfe\xff")) return true;
  const odd = (b: number) => b <= 8 || b === 0x0b || (b >= 0x0e && b <= 0x1f) || b === 0x7f || b === 0xff;
  return head.length > 0 && !head.some(odd);
}
