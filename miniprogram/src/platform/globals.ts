// What the sealing core and its libraries expect of a browser, where WeChat's runtime may have nothing of that name. The
// build puts these in place of the globals in every file (`inject`), whether the platform has some or not: what runs in a
// test is what runs on a phone.

export { ReadableStream, TransformStream } from "web-streams-polyfill";
export { AbortController } from "./abort.ts";
export { fetch } from "./http.ts";
export { addEventListener, removeEventListener } from "./online.ts";
export { TextDecoder, TextEncoder } from "./text.ts";
import { getRandomValues } from "./random.ts";

export const crypto = {
  getRandomValues,
  /** To `age-encryption` a missing name is the sign to use its own X25519. */
  get subtle(): never {
    throw new ReferenceError("no WebCrypto here");
  },
};

export const performance = { now: () => Date.now() };

interface Reads {
  getReader(): { read(): Promise<{ done: boolean; value?: Uint8Array }> };
}

/** A stream read to its end, which is all that `age-encryption` wants of it. */
export class Response {
  constructor(private readonly stream: Reads) {}

  async arrayBuffer(): Promise<ArrayBuffer> {
    const parts: Uint8Array[] = [];
    const reader = this.stream.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) parts.push(next.value!);
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole.buffer;
  }
}

/** For `canSealFiles`, which asks whether files can be read in slices: here they are, by the file system manager. */
export class Blob {
  arrayBuffer(): never {
    throw new Error("no blobs here");
  }
}

/** What stands for `globalThis`: whatever WeChat has there is not looked at. */
export const platform = { crypto };
