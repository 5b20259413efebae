// What the browser's code calls `fetch`, over `wx.request`: to the service's own host alone, with the visit's token.

import { config } from "../config.ts";
import { language } from "../language.ts";
import type { AbortSignal } from "./abort.ts";
import { TextDecoder } from "./text.ts";

interface Asked {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array | null;
  signal?: AbortSignal;
}

/** How long one request may take, for what sets no clock of its own. */
const PATIENCE_MS = 90_000;

let token = "";
/** Of the visit that is held: an answer to an earlier one does not bring it back. */
let visit = 0;

/** The visit has ended, or has not begun. */
export function forgetToken(): void {
  token = "";
  visit += 1;
}

/** `address` is a path on the service's host. */
export function fetch(address: string, { method = "GET", headers = {}, body, signal }: Asked = {}): Promise<Answer> {
  return new Promise((done, failed) => {
    if (!address.startsWith("/")) return failed(new TypeError("another host is never asked"));
    if (signal?.aborted) return failed(signal.reason);
    const of = address.startsWith("/api/") ? { "accept-language": language(), ...(token && { authorization: `Bearer ${token}` }) } : {};
    const asked = visit;
    const over = () => signal?.removeEventListener("abort", stop);
    const task = wx.request({
      url: config.origin + address,
      method: method as "GET",
      header: { ...headers, ...of },
      data: typeof body === "string" ? body : body ? exactly(body) : undefined,
      responseType: "arraybuffer",
      dataType: "text",
      timeout: PATIENCE_MS,
      enableCache: false,
      redirect: "manual",
      success({ statusCode, header, data }) {
        over();
        // Our service redirects nobody: as a browser's `redirect: "error"`.
        if (statusCode >= 300 && statusCode < 400) return failed(new TypeError("sent elsewhere"));
        const answer = new Answer(statusCode, header as Record<string, string>, data as ArrayBuffer | string);
        if (asked === visit) token = answer.header("visit-token") ?? token;
        done(answer);
      },
      fail() {
        over();
        failed(new TypeError("nothing came back"));
      },
    } as WechatMiniprogram.RequestOption);
    const stop = () => task.abort();
    signal?.addEventListener("abort", stop);
  });
}

/** The part of an array that is meant, and nothing beside it. */
function exactly(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}

class Answer {
  readonly ok: boolean;

  constructor(
    readonly status: number,
    private readonly headers: Record<string, string>,
    private readonly data: ArrayBuffer | string,
  ) {
    this.ok = status >= 200 && status < 300;
  }

  /** Platforms differ in how they spell names. */
  header(name: string): string | undefined {
    const found = Object.keys(this.headers ?? {}).find((each) => each.toLowerCase() === name);
    return found === undefined ? undefined : this.headers[found];
  }

  async json(): Promise<unknown> {
    return JSON.parse(typeof this.data === "string" ? this.data : new TextDecoder().decode(new Uint8Array(this.data)));
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    if (typeof this.data === "string") throw new TypeError("text where bytes were asked for");
    return this.data;
  }
}
