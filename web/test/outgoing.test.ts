// A report on a line that breaks: what may be stored is sent again as it was, and never as something else.

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { Refused, Unreachable } from "../src/reporter/ask.ts";
import { Outgoing, Unsure } from "../src/reporter/outgoing.ts";

type Answer = "stored" | "lost" | number;

/** A server that gives these answers to what is sent, and to whoever signs in with its receipt. */
function reporter(sending: Answer[], signing: Answer[] = []) {
  const sent: object[] = [];
  const give = async (answers: Answer[]) => {
    const answer = answers.shift();
    if (answer === "lost") throw new Unreachable();
    if (typeof answer === "number") throw new Refused(answer, "", "");
    return "saved";
  };
  const outgoing = new Outgoing((body) => (sent.push(body), give(sending)), () => give(signing));
  let seals = 0;
  /** As the page does when its button is pressed. */
  const press = (again: (seconds: number) => void = () => {}) =>
    outgoing.send(outgoing.body ?? { sealed: ++seals }, again);
  return { outgoing, sent, press };
}

const wait = globalThis.setTimeout;
beforeEach(() => void Object.assign(globalThis, { setTimeout: (act: () => void) => wait(act, 0) }));
afterEach(() => void Object.assign(globalThis, { setTimeout: wait }));

test("what was answered is not held, and what was surely refused is sealed anew", async () => {
  const { outgoing, sent, press } = reporter([422, "stored"]);
  await assert.rejects(press(), (why) => why instanceof Refused && why.status === 422);
  assert.equal(outgoing.body, null, "it may still be changed");
  assert.equal(await press(), "saved");
  assert.deepEqual([sent, outgoing.body], [[{ sealed: 1 }, { sealed: 2 }], null]);
});

for (const [fate, sending, signing] of [
  ["was never answered, and whether it is there cannot be found out", ["lost", 429], [503]],
  ["was never answered, and is not there", ["lost", 503], [404]],
  ["was answered by a server that failed", [500], []],
  ["was answered by a server that does not know what it has stored", [503], []],
] as [string, Answer[], Answer[]][]) {
  test(`a report that ${fate} goes out again as the same bytes`, async () => {
    const { outgoing, sent, press } = reporter([...sending, "stored"], signing);
    await assert.rejects(press(), signing[0] === 503 ? Unsure : Refused);
    assert.deepEqual(outgoing.body, { sealed: 1 }, "nothing in it can be changed");
    assert.equal(await press(), "saved");
    assert.ok(sent.every((body) => body === sent[0]), "not sealed a second time");
  });
}

test("refused after it may have arrived, its receipt tells that it has", async () => {
  for (const first of ["lost", 503] as const) {
    const { press } = reporter([first, 410], ["lost", "stored"]);
    if (first === 503) await assert.rejects(press(), Refused);
    assert.equal(await press(), null);
  }
});

test("who has left sends no more, and nothing of it is held", async () => {
  const { outgoing, sent, press } = reporter(["lost", "stored"]);
  const pauses: number[] = [];
  const gone = (seconds: number) => {
    pauses.push(seconds);
    outgoing.forget();
    throw new Error("left");
  };
  await assert.rejects(press(gone), /left/);
  assert.deepEqual([sent.length, pauses, outgoing.body], [1, [2], null]);
});
