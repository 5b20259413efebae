// Awards come out to the fen, word for word and hash for hash as the Rust side computes them.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { decide } from "../src/holders/compute.ts";
import { type Amount, type Decision, type Facts, type Step, amountJson, facts, options, textJson, underMonthlyCap, withBase } from "../src/holders/decision.ts";
import { type Json, NotJson, parseJson, record, writeJson } from "../src/holders/json.ts";
import { percent, readPercent, readYuan, share, yuan } from "../src/holders/money.ts";
import { forInsider, offers } from "../src/holders/paper.ts";
import { Refused } from "../src/core/refused.ts";
import { RewardRules } from "../src/holders/rules.ts";
import { policyText, vector } from "./support.ts";

declare const REPOSITORY: string;

const FILES = [
  { file: "accident-grades.toml", text: policyText("accident-grades.toml") },
  ...readdirSync(join(REPOSITORY, "policy/rewards")).map((name) => {
    return { file: `rewards/${name}`, text: policyText(`rewards/${name}`) };
  }),
];
const RULES = RewardRules.parse(FILES);
/** Facts and decision by the id of the case in rewards.toml. */
const FROZEN = parseJson(vector("decisions-v1.json").toString()) as Map<string, [Json, Json]>;

test("every case of rewards.toml comes out to the fen, word for word", () => {
  const ids = [...vector("rewards.toml").toString().matchAll(/^id = "(.*)"$/gm)].map(([, id]) => id);
  assert.ok(ids.length >= 50);
  assert.deepEqual([...FROZEN.keys()].sort(), [...ids].sort());
  for (const [id, [given, expected]] of FROZEN) {
    const found = decisionJson(decide(RULES, facts(given)));
    assert.equal(writeJson(sorted(found)), writeJson(sorted(expected)), id);
  }
});

test("an award is offered as computed, within its band, and not otherwise", () => {
  const known = of("G9");
  const amount = only(known);
  assert.ok(offers(RULES, known, amount));
  const within = withBase(amount, 450_000n)!;
  assert.ok(offers(RULES, known, within));
  assert.equal(withBase(amount, 500_001n), null);
  assert.equal(withBase(amount, 299_999n), null);
  assert.ok(!offers(RULES, known, { ...within, base_fen: 450_001n }));
  assert.ok(!offers(RULES, known, { ...amount, terms: "00".repeat(32) }));
  assert.ok(!offers(RULES, { ...known, loss_fen: 1n }, amount));
});

test("an insider gets the uplift on top of the approved base", () => {
  for (const [id, base, all] of [["U1", 5_000_000n, 6_000_000n], ["U2", 45_000_000n, 50_000_000n], ["U3", 30_000_000n, 39_000_000n]] as const) {
    const sealed = { ...of(id), insider: null, real_name: null };
    const amount = only(sealed);
    assert.equal(amount.base_fen, base, id);
    assert.equal(amount.uplift, null, id);
    assert.equal(forInsider({ facts: sealed, amount, reason: null, rules: RULES })?.fen, all, id);
  }
  const sealed = { ...of("M4"), insider: null, real_name: null };
  const set = withBase(options(decide(RULES, sealed))[0]!, 200_000n)!;
  const paid = forInsider({ facts: sealed, amount: set, reason: null, rules: RULES });
  assert.deepEqual([paid?.base_fen, paid?.fen], [200_000n, 240_000n]);
  assert.equal(forInsider({ facts: sealed, amount: { ...set, terms: "00".repeat(32) }, reason: null, rules: RULES }), null);
});

test("rules that the server's reader refuses are refused here", () => {
  const shandong = FILES.find(({ file }) => file.includes("shandong"))!;
  const others = FILES.filter((file) => file !== shandong);
  for (const [from, to] of [
    ["rate = 50", "rate = 500"],
    ["version = 1", "version = 1\nsurprise = 2"],
    ["severity = \"general\"\nband", "severity = \"major\"\nband"],
    ["floor_yuan = 5_000, cap_yuan = 500_000", "floor_yuan = 500_001, cap_yuan = 500_000"],
    ["from = 2021-01-01", "from = 2021-01-01T00:00:00"],
    ["from = 2021-01-01 ", "from = 2021-01-01\nto = 2020-12-31 "],
    ["kinds = [\"hazard\"]\nseverity = \"major\"", "kinds = []\nseverity = \"major\""],
    ["id = \"shandong_2021\"", "id = \"hubei_2019\""],
  ] as const) {
    const text = shandong.text.replace(from, to);
    assert.notEqual(text, shandong.text, from);
    assert.throws(() => RewardRules.parse([...others, { ...shandong, text }]),
      (why) => why instanceof Refused && why.code === "paper-rules", to);
  }
  const twice = [...FILES, { file: "rewards/other.toml", text: shandong.text.replace("shandong_2021", "shandong_x") }];
  assert.throws(() => RewardRules.parse(twice), Refused);
  assert.throws(() => RewardRules.parse(FILES.filter(({ file }) => !file.includes("national"))), Refused);
  assert.throws(() => RewardRules.parse(FILES.slice(1)), Refused);
});

test("what is left under a monthly cap is paid, and the base stays", () => {
  const capped = only(of("R12"));
  assert.deepEqual([capped.base_fen, capped.monthly_cap_fen], [50_000n, 100_000n]);
  for (const [paid, left] of [[0n, 50_000n], [50_000n, 50_000n], [70_000n, 30_000n], [100_000n, null], [500_000n, null]] as const) {
    const found = underMonthlyCap(capped, paid);
    assert.deepEqual([found?.fen ?? null, found?.base_fen ?? 50_000n], [left, 50_000n], String(paid));
    assert.equal(found?.steps.length ?? 3, left === 30_000n ? 4 : 3);
  }
  const uncapped = only(of("G1"));
  assert.equal(underMonthlyCap(uncapped, 1n << 63n), uncapped);
  const typed = ["17,722.05", "100000", " ¥20 000.5 元 ", "0", "", ".5", "1.005", "1e5", "-3", "十万", "1.2.3"];
  assert.deepEqual(typed.map(readYuan), [1_772_205n, 10_000_000n, 2_000_050n, 0n, null, null, null, null, null, null, null]);
});

test("money rounds as told and is written as people write it", () => {
  const to = (mode: "down" | "half_up" | "up", unit: "fen" | "yuan") => share({ mode, to: unit }, 333n, 1500);
  assert.deepEqual([to("down", "fen"), to("half_up", "fen"), to("up", "fen"), to("up", "yuan")], [49n, 50n, 50n, 100n]);
  assert.deepEqual([yuan(5n), yuan(1_772_205n), yuan(100_000_000n)], ["0.05", "17,722.05", "1,000,000.00"]);
  assert.deepEqual([15n, "12.5", "12.05", "100", "100.01", "1.234", "", -1n].map((form) => readPercent(form)),
    [1500, 1250, 1205, 10_000, null, null, null, null]);
  assert.deepEqual([1500, 1250, 1205].map(percent), ["15", "12.5", "12.05"]);
});

test("JSON holds whole numbers of any size, and each key once", () => {
  const text = '{"a":[18446744073709551615,-1,"é\\n\\u0001😀",true,null],"b":{}}';
  assert.equal(writeJson(parseJson(` ${text}\n`)), text);
  for (const bad of ["", "{", "[1,]", '{"a":1,"a":2}', "1.0", "1e3", "01", "nul", '"\n"', "[1] 2", '"\\ud800"', "'a'", "[".repeat(200)]) {
    assert.throws(() => parseJson(bad), NotJson, bad);
  }
});

function of(id: string): Facts {
  const found = [...FROZEN].find(([name]) => name.startsWith(id));
  return facts(found?.[1][0]);
}

function only(known: Facts): Amount {
  const decision = decide(RULES, known);
  assert.ok(decision.outcome === "amount");
  return decision.amount;
}

function decisionJson(decision: Decision): Json {
  if (decision.outcome === "amount") return new Map<string, Json>([["outcome", "amount"], ...amountJson(decision.amount)]);
  if (decision.outcome === "refused") return record({ outcome: "refused", reason: decision.reason });
  const { reason, rule, steps, options } = decision;
  const amount = (steps: Step[], rule: Amount["rule"]) =>
    amountJson({ fen: 0n, base_fen: 0n, uplift: null, up_to_fen: null, monthly_cap_fen: null, rule, steps, terms: "" });
  return record({
    outcome: "manual",
    reason,
    rule: rule && record({ id: rule.id, version: BigInt(rule.version), document: rule.document, title: textJson(rule.title) }),
    steps: rule ? amount(steps, rule).get("steps")! : [],
    options: options.map(amountJson),
  });
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!(value instanceof Map)) return value;
  return new Map([...value].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]));
}
