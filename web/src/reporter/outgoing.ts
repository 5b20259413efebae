// The report of the page that seals, on its way out. Once the server may have stored it, nothing in it changes any more:
// the server knows it by its receipt, and answers whatever comes with the same one as if it were the first.

import { persist, Refused } from "./ask.ts";

/** Whether what was sent has arrived could not be found out. */
export class Unsure extends Error {}

/** `A` is the server's answer. */
export class Outgoing<A> {
  #body: object | null = null;

  /** `prove` signs in with the report's receipt; refused with 404 if it opens none. */
  constructor(
    private readonly post: (body: object) => Promise<A>,
    private readonly prove: () => Promise<unknown>,
  ) {}

  /** What may be stored, and is all that may be sent; `null`: nothing yet. */
  get body(): object | null {
    return this.#body;
  }

  /**
   * Sends it until an answer comes. Refused after a request that may have arrived, its visit may be gone since: whether the
   * receipt opens a report tells. `null`: it does. `again` is told of each pause, and ends the trying if it throws.
   */
  async send(body: object, again: (seconds: number) => void): Promise<A | null> {
    const unanswered = (seconds: number) => {
      again(seconds);
      this.#body = body;
    };
    try {
      return await persist(() => this.post(body), unanswered);
    } catch (why) {
      if (!(why instanceof Refused)) throw why;
      if (this.#body === null) {
        // A server that fails may have stored it all the same.
        if (why.status >= 500) this.#body = body;
        throw why;
      }
      await this.#look(why, again);
      return null;
    }
  }

  /** Throws `why` if it is not there. */
  async #look(why: Refused, again: (seconds: number) => void): Promise<void> {
    try {
      await persist(this.prove, again);
    } catch (unknown) {
      throw unknown instanceof Refused && unknown.status === 404 ? why : new Unsure();
    }
  }

  /** Together with the receipt. */
  forget(): void {
    this.#body = null;
  }
}
