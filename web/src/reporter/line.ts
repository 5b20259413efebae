// A bad line: requests that are tried again until they get through, and say so meanwhile. Only for what may arrive twice.

/** The portal said no; `detail` is its sentence for the reader, `code` the same in every language. */
export class Declined extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
    /** Bytes the server has, where the code is about that. */
    readonly at: number | undefined,
  ) {
    super(code);
  }
}

/** How long one request may take before its connection is given up for dead. */
const PATIENCE_MS = 90_000;
const FIRST_PAUSE_S = 1;
const LONGEST_PAUSE_S = 30;
/** The portal is there but has no room: worth waiting for, though not for ever. */
const FULL = ["busy", "too-many-uploads"];
/** So often, over two minutes: what is silent on the portal has given way by then. */
const MOST_FULL = 8;
/** It heard that the connection broke. */
const BROKEN = "broken";

export interface Line {
  /** Ends everything. */
  signal: AbortSignal;
  /** The connection is gone; tried again in so many seconds. */
  lost(seconds: number): void;
  /** The portal has no room; tried again in so many seconds. */
  full(seconds: number): void;
  /** It is back, or has room. */
  found(): void;
}

/**
 * One request, tried until the portal answers it, or has had no room so often that others should have their turn.
 * Throws `Declined`, or what `signal` was aborted with.
 */
export async function ask<T>(line: Line, method: string, address: string, body?: unknown): Promise<T> {
  let full = 0;
  for (let pause = FIRST_PAUSE_S; ; pause = Math.min(pause * 2, LONGEST_PAUSE_S)) {
    try {
      const answer = await once<T>(line.signal, method, address, body);
      if (answer !== undefined) {
        if (pause > FIRST_PAUSE_S) line.found();
        return answer;
      }
      line.lost(pause);
    } catch (why) {
      if (!(why instanceof Declined) || !FULL.includes(why.code) || ++full > MOST_FULL) throw why;
      line.full(pause);
    }
    await wait(line.signal, pause);
  }
}

/** `undefined`: nothing came back, or nothing that is ours. */
export async function once<T>(
  signal: AbortSignal,
  method: string,
  address: string,
  body?: unknown,
): Promise<T | undefined> {
  // Given up between two requests, as it may be while bytes are being sealed: an event that is over is not heard.
  if (signal.aborted) throw signal.reason ?? new Error("given up");
  const tooLong = new AbortController();
  const giveUp = () => tooLong.abort();
  const clock = setTimeout(giveUp, PATIENCE_MS);
  signal.addEventListener("abort", giveUp);
  let answer: Response;
  let said: unknown;
  try {
    const bytes = body instanceof Uint8Array;
    answer = await fetch(address, {
      method,
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": bytes ? "application/octet-stream" : "application/json" }),
      },
      // A part of a larger array is sent as a part; the cast says that none of ours is shared between threads.
      body: body === undefined ? null : bytes ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body),
      signal: tooLong.signal,
      cache: "no-store", credentials: "same-origin", redirect: "error", referrerPolicy: "no-referrer",
    });
    said = answer.status === 204 ? {} : await answer.json();
  } catch {
    if (signal.aborted) throw signal.reason ?? new Error("given up");
    return undefined;
  } finally {
    clearTimeout(clock);
    signal.removeEventListener("abort", giveUp);
  }
  if (answer.ok) return said as T;
  const { code, detail, at } = said as { code?: string; detail?: string; at?: number };
  // Without a code it is not ours, but something's between us and the portal.
  if (code === BROKEN || (code === undefined && answer.status >= 500)) return undefined;
  throw new Declined(code ?? "", detail ?? "", at);
}

/** Waits, or not so long if the device says that it is online again. */
function wait(signal: AbortSignal, seconds: number): Promise<void> {
  return new Promise((done, ended) => {
    if (signal.aborted) return ended(signal.reason as Error);
    const clock = setTimeout(wake, seconds * 1000);
    function over() {
      clearTimeout(clock);
      removeEventListener("online", wake);
      signal.removeEventListener("abort", stop);
    }
    function wake() {
      over();
      done();
    }
    function stop() {
      over();
      ended(signal.reason as Error);
    }
    addEventListener("online", wake);
    signal.addEventListener("abort", stop);
  });
}
