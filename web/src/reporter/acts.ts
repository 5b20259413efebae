// What a reporter does to a report that was sent. When no answer comes, nobody here knows whether the act arrived: the
// very same bytes may then be sent again, which the server knows by them, but no other act with the same token.

import { Unreachable } from "./ask.ts";

interface Unanswered {
  wish: string;
  body: object;
}

/** `V` is the report as the server gives it after each act, with the token for the next one. */
export class Acts<V extends { once: string }> {
  #unanswered: Unanswered | null = null;
  #going: { wish: string; answer: Promise<V> } | null = null;

  /** `look` fetches the report as it is now. */
  constructor(
    private readonly post: (address: string, body: object) => Promise<V>,
    private readonly look: () => Promise<V>,
  ) {}

  /**
   * Does what `what` says at `address`; `seal` makes what is posted, under the token of the report it is given. Pressed
   * again after no answer came, the same wish goes out as the same bytes, and another one under a new token. `null`: it is
   * on its way already, by the same button pressed twice.
   */
  async send(view: V, address: string, what: unknown, seal: (view: V) => Promise<object>): Promise<V | null> {
    const wish = JSON.stringify([address, what]);
    const before = this.#going;
    if (before?.wish === wish) return null;
    const answer = this.#send(view, address, wish, seal, before?.answer);
    this.#going = { wish, answer };
    try {
      return await answer;
    } finally {
      if (this.#going.answer === answer) this.#going = null;
    }
  }

  async #send(
    view: V, address: string, wish: string, seal: (view: V) => Promise<object>, before: Promise<V> | undefined,
  ): Promise<V> {
    await before?.catch(() => undefined);
    let body = this.#unanswered?.wish === wish ? this.#unanswered.body : null;
    if (body === null) {
      const isStale = this.#unanswered !== null || before !== undefined;
      body = await seal(isStale ? await this.look() : view);
    }
    this.#unanswered = null;
    try {
      return await this.post(address, body);
    } catch (why) {
      if (why instanceof Unreachable) this.#unanswered = { wish, body };
      throw why;
    }
  }

  forget(): void {
    this.#unanswered = null;
  }
}
