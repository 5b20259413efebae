// Later envelopes change who is paid and called, but never unseen; tests/formats/later_envelopes.rs reads the same cases.

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Conflict, type Person, person, takeUp } from "../src/holders/person.ts";
import { readAs } from "../src/holders/shape.ts";
import { vector } from "./support.ts";

interface Case {
  name: string;
  people: unknown[];
  conflicts: [number, string, string, string][];
  paid: unknown;
}

const { cases } = JSON.parse(vector("later-envelopes.json").toString()) as { cases: Case[] };

test("every row in which a later envelope differs is listed with both values", () => {
  assert.ok(cases.length >= 15);
  for (const { name, people, conflicts, paid } of cases) {
    let first: Person | null = null;
    const found: Conflict[] = [];
    for (const [i, json] of people.entries()) {
      const read = json === null ? null : readAs(person, JSON.stringify(json));
      if (json !== null) assert.ok(read, name);
      if (!read) continue;
      const taken: ReturnType<typeof takeUp> = first === null ? { person: read, conflicts: [] } : takeUp(first, read, i + 1);
      first = taken.person;
      found.push(...taken.conflicts);
    }
    assert.deepEqual(found.map(({ envelope, row, before, later }) => [envelope, row, before, later]), conflicts, name);
    assert.ok(first !== null, name);
    const { mobile, payee } = first as Person;
    assert.deepEqual({ mobile, payee }, paid, name);
  }
});
