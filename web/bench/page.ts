// In the browser: sealing a file of so many bytes as the page of files does, and the bare ciphers on the same bytes.

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { drawAgeKey } from "../src/core/agekeys.ts";
import { sealFile } from "../src/core/files.ts";
import { random } from "../src/core/random.ts";

const CHUNK = 64 * 1024;

async function bench(megabytes: number): Promise<Record<string, number>> {
  const bytes = new Uint8Array(megabytes << 20);
  for (let at = 0; at < bytes.length; at += CHUNK) crypto.getRandomValues(bytes.subarray(at, at + CHUNK));
  const file = new Blob([bytes]);
  const seconds: Record<string, number> = {};
  const timed = async (name: string, work: () => Promise<void>) => {
    const began = performance.now();
    await work();
    seconds[name] = (performance.now() - began) / 1000;
  };

  await timed("sealed as the page does", async () => {
    const place = { report: "11".repeat(16), blob: "22".repeat(16) };
    const { pieces } = await sealFile(file, place, drawAgeKey(random).recipient, "a.mp4", "video/mp4", random);
    for await (const piece of pieces) void piece;
  });
  await timed("ChaCha20-Poly1305, the same library", async () => {
    const key = random(32);
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const nonce = new Uint8Array(12);
      new DataView(nonce.buffer).setUint32(8, at / CHUNK);
      chacha20poly1305(key, nonce).encrypt(bytes.subarray(at, at + CHUNK));
    }
  });
  await timed("AES-256-GCM, the browser's own", async () => {
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt"]);
    for (let at = 0; at < bytes.length; at += CHUNK) {
      const iv = new Uint8Array(12);
      new DataView(iv.buffer).setUint32(8, at / CHUNK);
      await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes.subarray(at, at + CHUNK));
    }
  });
  await timed("only read, slice by slice", async () => {
    for (let at = 0; at < file.size; at += 4 * CHUNK) await file.slice(at, at + 4 * CHUNK).arrayBuffer();
  });
  return seconds;
}

Object.assign(globalThis, { bench });
