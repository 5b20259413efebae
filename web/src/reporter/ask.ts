// Talking to the portal. What is refused comes back as a problem body (RFC 9457) in the reporter's language.

/** The portal's own refusal, in words for the reader. */
export class Refused extends Error {
  /** `body`: the whole problem, for members it is documented with. */
  constructor(readonly status: number, readonly title: string, readonly detail: string, readonly body: unknown = null) {
    super(title);
  }
}

/** Nothing came back: no network, or the connection broke. Whether it arrived is not known. */
export class Unreachable extends Error {}

/** How long one request may take before its connection is given up for dead. */
const PATIENCE_MS = 90_000;

export async function post<T>(address: string, body: unknown): Promise<T> {
  return ask<T>(address, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
  });
}

export async function get<T>(address: string): Promise<T> {
  return ask<T>(address, { headers: { accept: "application/json" } });
}

/** Bytes as they are. */
export async function bytes(address: string): Promise<Uint8Array> {
  const answer = await fetch(address, {
    headers: { accept: "application/octet-stream, application/json" },
    cache: "no-store", credentials: "same-origin", redirect: "error", referrerPolicy: "no-referrer",
  }).catch(() => undefined);
  if (answer === undefined) throw new Unreachable();
  if (!answer.ok) throw new Refused(answer.status, "", "");
  // A line that drops in the middle ends here too: the length is announced.
  const whole = await answer.arrayBuffer().catch(() => undefined);
  if (whole === undefined) throw new Unreachable();
  return new Uint8Array(whole);
}

async function ask<T>(address: string, request: RequestInit): Promise<T> {
  let answer: Response;
  let body: unknown;
  const tooLong = new AbortController();
  const clock = setTimeout(() => tooLong.abort(), PATIENCE_MS);
  try {
    answer = await fetch(address, {
      ...request, signal: tooLong.signal, cache: "no-store", credentials: "same-origin", redirect: "error", referrerPolicy: "no-referrer",
    });
    body = await answer.json();
  } catch {
    throw new Unreachable();
  } finally {
    clearTimeout(clock);
  }
  if (answer.ok) return body as T;
  const { title = "", detail = "" } = (body ?? {}) as { title?: string; detail?: string };
  throw new Refused(answer.status, title, detail, body);
}

/** Tries again with growing pauses while nothing comes back. Only for what may safely arrive twice. */
export async function persist<T>(work: () => Promise<T>, again: (seconds: number) => void): Promise<T> {
  for (let pause = 2; ; pause = Math.min(pause * 2, 30)) {
    try {
      return await work();
    } catch (why) {
      if (!(why instanceof Unreachable)) throw why;
      again(pause);
      await new Promise((wake) => setTimeout(wake, pause * 1000));
    }
  }
}
