// "Unreadable" ends an award for good: the page tells it of the same refusals as the tool (tests/keys_over_years/opening.rs).

import assert from "node:assert/strict";
import { test } from "node:test";
import { OUTCOMES } from "../src/holders/package.ts";
import { CODES } from "../src/holders/refusals.ts";
import { vector } from "./support.ts";

const list = JSON.parse(vector("opening-outcomes.json").toString()) as Record<string, boolean>;

test("nothing is to be recorded where a package, a key or a trustee is at fault", () => {
  assert.deepEqual([...OUTCOMES].sort(), Object.keys(list).filter((code) => list[code]).sort());
  const opening = CODES.filter((code) => code.startsWith("open-") || code === "claim-missing");
  assert.deepEqual(opening.sort(), Object.keys(list).sort());
});
