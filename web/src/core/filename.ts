// Names of files, which are only somebody's word: as `src/file_name.rs`.

/** Harmless for a file system and for the eye: no folders, no control or direction-changing characters, no leading dot. */
export function harmless(name: string): string {
  const last = name.split(/[/\\]/).pop() ?? "";
  const plain = last
    .replace(/[:*?"<>|]/g, "_")
    .replace(/[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, "_")
    .replace(/^[.\s]+/, "")
    .trim();
  return plain === "" ? "file" : plain;
}
