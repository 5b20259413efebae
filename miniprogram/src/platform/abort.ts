// AbortController, for a runtime without it: only what the uploads use.

type Listener = () => void;

export class AbortSignal {
  aborted = false;
  reason: unknown = undefined;
  readonly #listeners = new Set<Listener>();

  addEventListener(_: "abort", listener: Listener): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_: "abort", listener: Listener): void {
    this.#listeners.delete(listener);
  }

  /** For the controller alone. */
  end(reason: unknown): void {
    if (this.aborted) return;
    [this.aborted, this.reason] = [true, reason];
    for (const listener of [...this.#listeners]) listener();
  }
}

export class AbortController {
  readonly signal = new AbortSignal();

  abort(reason: unknown = new Error("given up")): void {
    this.signal.end(reason);
  }
}
