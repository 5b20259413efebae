import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { ask, Declined, type Line } from "../src/reporter/line.ts";

const real = { fetch: globalThis.fetch, setTimeout: globalThis.setTimeout };
const pauses: number[] = [];
let said: string[] = [];

// A browser's window hears when the device is online again; and nobody here waits out a pause.
beforeEach(() => {
  pauses.length = 0;
  said = [];
  Object.assign(globalThis, {
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    setTimeout: (wake: () => void, ms: number) => {
      if (ms >= 60_000) return undefined;
      pauses.push(ms / 1000);
      return real.setTimeout(wake, 0);
    },
  });
});
afterEach(() => void Object.assign(globalThis, real));

function line(signal = new AbortController().signal): Line {
  return {
    signal,
    lost: () => said.push("lost"),
    full: () => said.push("full"),
    found: () => said.push("found"),
  };
}

/** Each answer once, the last for ever. `undefined`: nothing comes back. */
function portal(...answers: ([number, object] | undefined)[]): void {
  globalThis.fetch = async () => {
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (!answer) throw new TypeError("no network");
    return new Response(JSON.stringify(answer[1]), { status: answer[0] });
  };
}

const busy: [number, object] = [503, { code: "busy", detail: "Too many files" }];

test("a portal without room is asked again for a while, and then the next file has its turn", async () => {
  for (const code of ["busy", "too-many-uploads"]) {
    portal([code === "busy" ? 503 : 429, { code, detail: "Too many files" }]);
    const refused = (why: unknown) => why instanceof Declined && why.code === code && why.detail === "Too many files";
    await assert.rejects(ask(line(), "POST", "/files", {}), refused);
  }
  const waited = pauses.slice(0, 8).reduce((sum, pause) => sum + pause, 0);
  assert.equal(pauses.length, 16);
  assert.ok(waited > 60 && waited < 180, `${waited} s`);
  assert.ok(said.every((word) => word === "full"), "nobody is told that the line is lost");
});

test("room that becomes free is used, and a lost line is waited for however long", async () => {
  portal(busy, busy, [200, { upload: "1" }]);
  assert.deepEqual(await ask(line(), "POST", "/files", {}), { upload: "1" });
  assert.deepEqual(said, ["full", "full", "found"]);

  said = [];
  portal(...Array<undefined>(40).fill(undefined), [400, { code: "broken" }], [502, {}], [200, { at: 7 }]);
  assert.deepEqual(await ask(line(), "PUT", "/files/1", {}), { at: 7 });
  assert.deepEqual(said, [...Array<string>(42).fill("lost"), "found"]);
});

test("what is given up between two requests, or as the line breaks, asks for nothing more", async () => {
  let asked = 0;
  globalThis.fetch = async () => (asked++, new Response("{}"));
  const over = new AbortController();
  over.abort(new Error("over"));
  await assert.rejects(ask(line(over.signal), "PUT", "/files/1", {}), /over/);
  assert.equal(asked, 0);

  portal(undefined);
  const breaking = new AbortController();
  const lost = { ...line(breaking.signal), lost: () => breaking.abort(new Error("over")) };
  await assert.rejects(ask(lost, "PUT", "/files/1", {}), /over/);
  assert.deepEqual(pauses, [], "nor is anything waited for");
});
