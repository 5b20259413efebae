import assert from "node:assert/strict";
import { test } from "node:test";
import { openAge } from "../src/core/agefile.ts";
import { drawAgeKey } from "../src/core/agekeys.ts";
import { concat, fromUtf8, readU32 } from "../src/core/bytes.ts";
import { sealFile, type Sliceable } from "../src/core/files.ts";
import { CHUNK_BYTES, storedBytes } from "../src/core/padme.ts";
import { random } from "../src/core/random.ts";
import { vector } from "./support.ts";

const place = { report: "11".repeat(16), blob: "22".repeat(16) };

async function sealed(file: Sliceable, recipient: string, name = "现场.jpg") {
  const sealing = await sealFile(file, place, recipient, name, "image/jpeg", random);
  const pieces: Uint8Array[] = [];
  for await (const piece of sealing.pieces) pieces.push(piece);
  return { sealing, pieces, bytes: concat(...pieces) };
}

/** The frame and the age file, as the officers' tool reads them. */
async function opened(bytes: Uint8Array, identity: string) {
  assert.deepEqual([bytes[0], bytes[1]], [1, 1]);
  const ageBytes = readU32(bytes, bytes.length - 4);
  assert.equal(readU32(bytes, bytes.length - 8), 0);
  assert.equal(bytes.length, storedBytes(ageBytes));
  assert.ok(bytes.subarray(2 + ageBytes, -8).every((byte) => byte === 0));
  const plain = await openAge(bytes.subarray(2, 2 + ageBytes), identity);
  assert.ok(plain);
  const end = 4 + readU32(plain);
  const header = JSON.parse(fromUtf8(plain.subarray(4, end))) as Record<string, unknown>;
  return { header, original: plain.subarray(end) };
}

test("an original comes back with its name, whatever its length", async () => {
  const key = drawAgeKey(random);
  for (const size of [0, 1, 1000, 65_536, 65_536 * 4 - 200, 1_000_003]) {
    const original = new Uint8Array(size).map((_, i) => (i * 7) % 251);
    const { sealing, pieces, bytes } = await sealed(new Blob([original]), key.recipient);
    assert.equal(bytes.length, sealing.bytes);
    assert.equal(pieces.length, sealing.chunks);
    assert.ok(pieces.slice(0, -1).every((piece) => piece.length === CHUNK_BYTES));
    const { header, original: back } = await opened(bytes, key.identity);
    assert.deepEqual(header, { format: 1, ...place, name: "现场.jpg", media_type: "image/jpeg" });
    assert.ok(Buffer.from(original).equals(back));
  }
});

test("the frozen original of the server's way opens here", async () => {
  // The test key of tests/cleaning/files.rs, public by definition.
  const key = "AGE-SECRET-KEY-1MAV9QPVZYT0JA586J6636QKG4V7JFW2LGA9Y69FDMED25SALHSDSGP3F0Y";
  const { header, original } = await opened(vector("sealed-file-v1.bin"), key);
  assert.equal(header.media_type, "image/jpeg");
  assert.equal(original.length, 1000);
});

test("a name too long is cut between characters", async () => {
  const key = drawAgeKey(random);
  const { bytes } = await sealed(new Blob(["x"]), key.recipient, "长".repeat(100));
  assert.equal((await opened(bytes, key.identity)).header.name, "长".repeat(85));
});

/** A file of zeros that counts what was read of it. */
class Counted {
  read = 0;
  constructor(
    readonly size: number,
    readonly shrunk = 0,
  ) {}
  slice(from: number, to: number) {
    this.read = Math.max(this.read, to);
    const length = Math.max(0, Math.min(to, this.size - this.shrunk) - from);
    return { arrayBuffer: () => Promise.resolve(new ArrayBuffer(length)) };
  }
}

test("only so much is read as was asked for, and giving up ends the reading", async () => {
  const file = new Counted(1 << 30);
  const { pieces } = await sealFile(file, place, drawAgeKey(random).recipient, "a", "video/mp4", random);
  for (let i = 0; i < 64; i++) assert.ok(!(await pieces.next()).done);
  assert.ok(file.read < (64 * CHUNK_BYTES) + (2 << 20), `${file.read} bytes were read for 2 MiB`);
  await pieces.return();
  const before = file.read;
  await new Promise((done) => setTimeout(done, 20));
  assert.equal(file.read, before);
});

test("a file that changes while it is read is refused", async () => {
  const { recipient } = drawAgeKey(random);
  await assert.rejects(sealed(new Counted(3 << 20, 5), recipient), { code: "file-changed" });
});

test("a file that cannot be read any more is refused by name", async () => {
  const file = { size: 1 << 20, slice: () => ({ arrayBuffer: () => Promise.reject(new Error("NotReadableError")) }) };
  await assert.rejects(sealed(file, drawAgeKey(random).recipient), { code: "file-unreadable" });
});

test("100 MiB pass through in constant memory", async () => {
  const sealing = await sealFile(new Counted(100 << 20), place, drawAgeKey(random).recipient, "a", "video/mp4", random);
  let most = 0;
  let bytes = 0;
  for await (const piece of sealing.pieces) {
    bytes += piece.length;
    if (bytes % (8 << 20) < piece.length) most = Math.max(most, process.memoryUsage().arrayBuffers);
  }
  assert.equal(bytes, sealing.bytes);
  assert.ok(most < 64 << 20, `${most} bytes of buffers`);
});

test("a browser without streams is told so, and nothing is read", async () => {
  const kept = globalThis.TransformStream;
  const file = new Counted(10);
  try {
    // @ts-expect-error as old browsers have it
    globalThis.TransformStream = undefined;
    await assert.rejects(sealFile(file, place, drawAgeKey(random).recipient, "a", "b", random), {
      code: "browser-streams",
    });
  } finally {
    globalThis.TransformStream = kept;
  }
  assert.equal(file.read, 0);
});
