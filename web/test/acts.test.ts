// Acts on a line that breaks: what was sent arrives once, and nothing is said to be done that is not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Acts } from "../src/reporter/acts.ts";
import { Refused, Unreachable } from "../src/reporter/ask.ts";

interface View {
  once: string;
  done: string[];
}

/** A server as the portal is: a token is good for one request, and for that one as often as it comes. */
class Server {
  done: string[] = [];
  looks = 0;
  /** What becomes of the next requests; after these, all is well. */
  line: ("lost" | "arrived")[] = [];
  #shown = 0;
  #spent = new Map<string, string>();

  view(): View {
    return { once: `${++this.#shown}`, done: [...this.done] };
  }

  post = async (address: string, body: object): Promise<View> => {
    await Promise.resolve();
    const fate = this.line.shift();
    if (fate === "lost") throw new Unreachable();
    const asked = address + JSON.stringify(body);
    const { once, text } = body as { once: string; text: string };
    const before = this.#spent.get(once);
    if (before === undefined) {
      this.#spent.set(once, asked);
      this.done.push(`${address} ${text}`);
    } else if (before !== asked) throw new Refused(409, "", "");
    if (fate === "arrived") throw new Unreachable();
    return this.view();
  };

  look = async (): Promise<View> => {
    this.looks += 1;
    return this.view();
  };
}

let seals = 0;
const seal = (text: string) => async ({ once }: View) => ({ once, text, sealed: ++seals });

for (const fate of ["lost", "arrived"] as const) {
  test(`the same act pressed again is done once when the first was ${fate}`, async () => {
    const server = new Server();
    const [acts, view] = [new Acts(server.post, server.look), server.view()];
    server.line = [fate, "lost"];
    for (let i = 0; i < 2; i++) await assert.rejects(acts.send(view, "add", "a", seal("a")), Unreachable);
    assert.deepEqual((await acts.send(view, "add", "a", seal("a")))?.done, ["add a"]);
    assert.deepEqual([server.done, server.looks], [["add a"], 0]);
  });

  test(`another act is done under a token of its own when the one before was ${fate}`, async () => {
    const server = new Server();
    const [acts, view] = [new Acts(server.post, server.look), server.view()];
    server.line = [fate];
    await assert.rejects(acts.send(view, "add", "a", seal("a")), Unreachable);
    await acts.send(view, "claim", "b", seal("b"));
    assert.deepEqual(server.done, fate === "lost" ? ["claim b"] : ["add a", "claim b"]);
  });
}

test("a button pressed twice does it once, and two buttons do both", async () => {
  const server = new Server();
  const [acts, view] = [new Acts(server.post, server.look), server.view()];
  const both = await Promise.all(["a", "a", "b"].map((text) => acts.send(view, "add", text, seal(text))));
  assert.deepEqual([server.done, both[1]], [["add a", "add b"], null]);
  assert.equal((await acts.send(both[2] as View, "add", "a", seal("a")))?.done.length, 3, "and again later");
});

test("what the server refused is sealed anew", async () => {
  const server = new Server();
  const acts = new Acts<View>(server.post, server.look);
  const view = server.view();
  await acts.send(view, "add", "a", seal("a"));
  await assert.rejects(acts.send(view, "add", "b", seal("b")), Refused, "the token is used up");
  assert.deepEqual((await acts.send(await server.look(), "add", "b", seal("b")))?.done, ["add a", "add b"]);
});
