import assert from "node:assert/strict";
import { test } from "node:test";
import { askedAbout, FIELDS, readIdentity, type Field, type Limits } from "../src/core/identity.ts";
import type { Person } from "../src/core/person.ts";
import { vector } from "./support.ts";

interface Corpus {
  limits: Limits;
  cases: { typed: Partial<Record<Field, string>>; person?: Person; problems?: [Field, string][] }[];
}

const corpus = JSON.parse(vector("identity-verdicts.json").toString()) as Corpus;

test("every verdict of the shared corpus is given here too", () => {
  assert.ok(corpus.cases.length > 60);
  for (const { typed, person, problems } of corpus.cases) {
    const verdict = readIdentity((field) => typed[field] ?? "", corpus.limits);
    const found = verdict.problems?.map(({ field, code }) => [field, code]);
    assert.deepEqual([verdict.person, found], [person, problems], JSON.stringify(typed));
  }
});

test("what belongs into the words comes with the problem", () => {
  const typed: Partial<Record<Field, string>> = { "person-name": "王", joint: "王某 1234\n李某" };
  const { problems } = readIdentity((field) => typed[field] ?? "", corpus.limits);
  assert.deepEqual(problems?.find(({ field }) => field === "person-name"), {
    field: "person-name",
    code: "name-length",
    ...corpus.limits.person_name,
  });
  assert.deepEqual(problems?.find(({ field }) => field === "joint"), { field: "joint", code: "joint-line", line: 2 });
});

test("a telephone and an account of another form are asked about once, and again when they change", () => {
  const typed: Partial<Record<Field, string>> = {
    "person-name": "王某", "id-kind": "other", "id-number": "1234", mobile: "0531-8205 1234", payee: "account",
    holder: "王某", bank: "某银行", account: "GB29 NWBK 6016", own: "no", consent: "yes",
  };
  const read = () => {
    const verdict = readIdentity((field) => typed[field] ?? "", corpus.limits);
    Object.assign(typed, askedAbout(verdict, typed));
    return verdict.problems?.map(({ code }) => code) ?? verdict.person;
  };
  assert.deepEqual(read(), ["mobile-check", "account-check"]);
  typed.consent = "";
  assert.deepEqual(read(), ["consent"]);
  typed.consent = "yes";
  typed.mobile = "0531-8205 1235";
  assert.deepEqual(read(), ["mobile-check"]);
  const person = read();
  assert.ok(person && "mobile" in person && person.mobile === "053182051235");
});

test("a lone surrogate becomes a character that every side can write", () => {
  const { problems } = readIdentity((field) => (field === "person-name" ? "王\ud842" : ""), corpus.limits);
  assert.ok(!problems?.some(({ field }) => field === "person-name"));
});

test("reading anything never throws", () => {
  const letters = ["\ud800", "１", "1", "x", " ", "\u3000", "，", "-", "王", "𠮷", "\n", "é", "\u0301", "ß", "②"];
  let state = 1;
  const next = (end: number) => (state = (state * 48271) % 2147483647) % end;
  for (let i = 0; i < 2000; i++) {
    const text = () => Array.from({ length: next(40) }, () => letters[next(letters.length)]).join("");
    const typed = new Map(FIELDS.map((field) => [field, text()]));
    typed.set("payee", "account");
    assert.ok(readIdentity((field) => typed.get(field)!, corpus.limits));
  }
});
