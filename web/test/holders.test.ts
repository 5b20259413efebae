// A whole release on the holders' desks, with every way in which it is refused: judged as the Rust tools judge it, in
// the same words. Frozen in tests/vectors/holders-v1.json; tests/formats/holder_vectors.rs reads the same file.

import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Refused } from "../src/core/refused.ts";
import { fingerprint, type UntrustedSet } from "../src/core/recipients.ts";
import { type Finding, interview } from "../src/holders/interview.ts";
import { readKeyFile } from "../src/holders/keyfile.ts";
import { Memories, type Memory, type Shelf, pin, readMemory, writeMemory } from "../src/holders/memory.ts";
import { checkPackage, openPackage, readPackage } from "../src/holders/package.ts";
import { person } from "../src/holders/person.ts";
import { say } from "../src/holders/refusals.ts";
import { answer, checkRequest, readRequest } from "../src/holders/request.ts";
import { readAs } from "../src/holders/shape.ts";
import { voucherText } from "../src/holders/voucher.ts";
import { readLogKey } from "../src/log/checkpoint.ts";
import { readHash } from "../src/log/tree.ts";
import { repeatable, vector } from "./support.ts";

declare const REPOSITORY: string;

type Changes = Record<string, unknown>;
interface Share {
  name: string;
  changes: Changes;
  key: number;
  today: string;
  seen: { size: number; root: string } | null;
  roster: number;
  log_key: string | null;
  refused: string | null;
}
interface Opening {
  name: string;
  changes: Changes;
  key: "office" | "recovery" | "trustee";
  today: string;
  roster: number;
  refused: string | null;
  findings: { answers: boolean[]; finding: string; vouchers: string[] }[];
}
interface Release {
  today: string;
  fingerprint: string;
  log_key: string;
  key_files: string[];
  office_key_file: string;
  recovery_key_file: string;
  person_name: string;
  request: Changes & { set: UntrustedSet };
  package: Changes;
  shares: Share[];
  openings: Opening[];
}

const RELEASE = JSON.parse(vector("holders-v1.json").toString()) as Release;
const SECONDS = 1_795_622_400;

/** Gives a share, or says why not, as the command-line tool would. */
async function judge(share: Share): Promise<string> {
  const key = readKeyFile(RELEASE.key_files[share.key - 1]!);
  const request = readRequest(JSON.stringify({ ...RELEASE.request, ...share.changes }));
  const seen = share.seen && { size: BigInt(share.seen.size), root: readHash(share.seen.root) };
  const log = readLogKey(share.log_key ?? RELEASE.log_key);
  const trust = { fingerprint: RELEASE.fingerprint, log, seen, roster: share.roster };
  const checked = await checkRequest(request, key, trust, share.today);
  return answer(checked, key, SECONDS, repeatable(share.key));
}

async function said(run: () => Promise<unknown>): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (why) {
    if (why instanceof Refused) return why.message;
    throw why;
  }
}

for (const share of RELEASE.shares) {
  test(`a trustee's page: ${share.name}`, async () => {
    assert.equal(await said(() => judge(share)), share.refused);
  });
}

test("answers made here are those the Rust side has accepted", async () => {
  const file = join(REPOSITORY, "tests/vectors/answers-from-browser-v1.json");
  const whole = (name: string) => RELEASE.shares.find((share) => share.name === name)!;
  const answers = await Promise.all([judge(whole("in order")), judge(whole("trustee 3"))]);
  if (!existsSync(file) && process.env["MIFENG_WRITE_VECTORS"]) writeFileSync(file, `[${answers.join(",\n")}]\n`);
  const frozen = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>[];
  for (const [i, text] of answers.entries()) {
    const [now, then] = [JSON.parse(text), frozen[i]] as { deposit: Record<string, unknown>; checkpoint: string }[];
    assert.deepEqual(Object.keys(now!), ["format", "report", "leaf_index", "deposit", "checkpoint"]);
    assert.equal(now!.checkpoint, then!.checkpoint);
    assert.equal(String(now!.deposit["resealed"]).length, String(then!.deposit["resealed"]).length);
  }
});

for (const opening of RELEASE.openings) {
  test(`the office's page: ${opening.name}`, async () => {
    const text = { office: RELEASE.office_key_file, recovery: RELEASE.recovery_key_file, trustee: RELEASE.key_files[0]! };
    const { identity } = readKeyFile(text[opening.key]);
    const open = async () => {
      const read = readPackage(JSON.stringify({ ...RELEASE.package, ...opening.changes }));
      const ready = checkPackage(read, { fingerprint: RELEASE.fingerprint, roster: opening.roster }, opening.today);
      return { ready, opened: await openPackage(ready, identity) };
    };
    assert.equal(await said(open), opening.refused);
    if (opening.refused !== null) return assert.deepEqual(opening.findings, []);
    const { ready, opened } = await open();
    assert.ok(opening.findings.length > 0);
    for (const { answers, finding, vouchers } of opening.findings) {
      const left = [...answers];
      const asks = { yes: async () => left.shift()!, paid: () => Promise.reject(new Error("no monthly cap here")) };
      const found = await interview(opened, ready.paper, asks);
      assert.deepEqual([word(found), left], [finding, []], `${answers}`);
      const of = (named: boolean) => found.outcome === "verified"
        ? [voucherText({
            number: "V-7", today: opening.today, terms: ready.terms.award, amount: found.amount,
            person: named ? opened.person : null, authorised: found.authorised,
          })]
        : [];
      assert.deepEqual([...of(false), ...of(true)], vouchers);
    }
  });
}

test("what a device sealed is shown and printed as text alone", () => {
  const { texts } = JSON.parse(vector("shown-texts.json").toString()) as { texts: [string, string][] };
  assert.ok(texts.length >= 15);
  for (const [text, fit] of texts) {
    const json = { name: text, id_kind: "passport", id_number: text, mobile: text, own_employer: false };
    const account = { kind: "account", holder: text, bank: text, number: text };
    const read = readAs(person, JSON.stringify({ ...json, payee: account, joint: [{ name: text, id_number: text }] }));
    assert.ok(read?.payee.kind === "account");
    const { holder, bank, number } = read.payee;
    const all = [read.name, read.id_number, read.mobile, holder, bank, number, ...Object.values(read.joint[0]!)];
    assert.deepEqual(all, Array<string>(8).fill(fit), JSON.stringify(text));
  }
});

test("where a rule has a monthly cap the page asks what was paid, and pays what is left", async () => {
  const opening = RELEASE.openings.find(({ name }) => name === "in order")!;
  const read = readPackage(JSON.stringify({ ...RELEASE.package, ...opening.changes }));
  const ready = checkPackage(read, { fingerprint: RELEASE.fingerprint, roster: opening.roster }, opening.today);
  const opened = await openPackage(ready, readKeyFile(RELEASE.office_key_file).identity);
  const paper = { ...ready.paper, amount: { ...ready.paper.amount, monthly_cap_fen: 6_000_000n } };
  const asked: bigint[] = [];
  const answers: Record<string, boolean> = { matches: true };
  const found = (paid: bigint) => interview(opened, paper, {
    yes: async (question) => answers[question] ?? false,
    paid: async (cap) => (asked.push(cap), paid),
  });
  const all = await Promise.all([0n, 1_000_001n, 6_000_000n].map(found));
  assert.deepEqual(all.map((each) => (each.outcome === "verified" ? each.amount.fen : word(each))), [5_000_000n, 4_999_999n, "monthly-cap"]);
  assert.deepEqual(asked, [6_000_000n, 6_000_000n, 6_000_000n]);
});

test("a nameless report shows nobody, a named one the person alone", () => {
  const named = RELEASE.openings.find(({ name }) => name === "in order")!;
  const vouchers = named.findings.flatMap(({ vouchers }) => vouchers);
  assert.ok(vouchers.some((text) => text.includes(RELEASE.person_name)));
  assert.ok(vouchers.some((text) => !text.includes(RELEASE.person_name)));
  assert.ok(vouchers.some((text) => text.includes("60,000.00")) && vouchers.some((text) => !text.includes("60,000.00")));
});

test("files that are none are refused without a word of what is in them", () => {
  const refuses = (code: string, run: () => unknown) => assert.throws(run, (why) => why instanceof Refused && why.code === code, code);
  refuses("request-unreadable", () => readRequest("{}"));
  refuses("request-unreadable", () => readRequest(JSON.stringify({ ...RELEASE.request, extra: 1 })));
  const { claim: _, ...unclaimed } = RELEASE.request as Changes;
  refuses("request-unreadable", () => readRequest(JSON.stringify(unclaimed)));
  refuses("package-unreadable", () => readPackage(JSON.stringify(RELEASE.request)));
  refuses("key-file-age", () => readKeyFile("MIFENG-SIGNING-KEY-AAAA"));
  refuses("key-file-signing", () => readKeyFile(RELEASE.key_files[0]!.replace(/MIFENG.*/, "MIFENG-SIGNING-KEY-AAAA")));
});

class MapShelf implements Shelf {
  readonly kept = new Map<string, string>();
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, text: string): void {
    this.kept.set(key, text);
  }
}

test("a first use pins what was compared with the poster, and nothing else", () => {
  const { set } = RELEASE.request;
  const log = readLogKey(RELEASE.log_key);
  const groups = fingerprint(set).split("-");
  const typed = { first: groups[0]!.toUpperCase(), last: ` ${groups[15]} `, log: RELEASE.log_key.split("+")[1]! };
  const memory = pin(set, log, typed, null)!;
  assert.deepEqual([memory.fingerprint, memory.seen, memory.roster], [RELEASE.fingerprint, null, 0]);
  for (const wrong of [{ first: "0000" }, { last: "" }, { log: "00000000" }]) assert.equal(pin(set, log, { ...typed, ...wrong }, null), null);
  const unsigned = { ...set, signatures: set.signatures.slice(1) };
  assert.throws(() => pin(unsigned, log, typed, null), Refused);
  // Another set does not follow it, whatever is typed.
  const other = RELEASE.shares.find(({ name }) => name === "another set")!.changes["set"] as UntrustedSet;
  const theirs = fingerprint(other).split("-");
  assert.throws(() => pin(other, log, { first: theirs[0]!, last: theirs[15]!, log: "" }, memory),
    (why) => why instanceof Refused && why.code === "set-number");
});

test("what was seen is remembered, and a spoilt memory is not taken for none", () => {
  const shelf = new MapShelf();
  const memories = new Memories(shelf, "trustee-1");
  assert.equal(memories.recall(), null);
  const log = readLogKey(RELEASE.log_key);
  const memory: Memory = { fingerprint: RELEASE.fingerprint, set: RELEASE.request.set, log, seen: { size: 7n, root: readHash(`${"A".repeat(43)}=`) }, roster: 3 };
  memories.keep(memory, null);
  assert.deepEqual(memories.recall(), memory);
  assert.equal(new Memories(shelf, "trustee-2").recall(), null);
  assert.deepEqual(readMemory(writeMemory(memory)), memory);
  // The same text as the command-line tool's memory.json, inside.
  assert.deepEqual((JSON.parse(writeMemory(memory)) as Changes)["memory"], { seen: { size: 7, root: `${"A".repeat(43)}=` }, roster: 3 });
  shelf.kept.set("mifeng-holder-trustee-1", "{}");
  assert.throws(() => memories.recall(), (why) => why instanceof Refused && why.code === "memory-unreadable");
  const forgetful: Shelf = { getItem: () => null, setItem: () => {} };
  assert.throws(() => new Memories(forgetful, "x").keep(memory, null), (why) => why instanceof Refused && why.code === "memory-not-kept");
});

test("a browser forgets nothing: neither by a file that is taken over nor by another tab", () => {
  const memories = new Memories(new MapShelf(), "x");
  const root = (letter: string) => readHash(`${letter.repeat(42)}A=`);
  const log = readLogKey(RELEASE.log_key);
  const held: Memory = { fingerprint: RELEASE.fingerprint, set: RELEASE.request.set, log, seen: { size: 7n, root: root("A") }, roster: 3 };
  memories.keep(held, null);
  const refuses = (code: string, next: Memory, before: Memory | null = held) => {
    assert.throws(() => memories.keep(next, before), (why) => why instanceof Refused && why.code === code, code);
    assert.deepEqual(memories.recall(), held);
  };
  refuses("memory-older", { ...held, seen: null });
  refuses("memory-older", { ...held, seen: { size: 6n, root: root("A") } });
  refuses("memory-older", { ...held, roster: 2 });
  refuses("tree-rewritten", { ...held, seen: { size: 7n, root: root("B") } });
  const elsewhere = readLogKey(RELEASE.shares.find(({ log_key }) => log_key !== null)!.log_key!);
  refuses("memory-other-log", { ...held, log: elsewhere });
  refuses("memory-other-log", { ...held, log: null });
  const set = RELEASE.shares.find(({ name }) => name === "another set")!.changes["set"] as UntrustedSet;
  refuses("set-number", { ...held, set, fingerprint: fingerprint(set) });

  // Two tabs began with the same memory: the second has checked nothing against what the first has seen since.
  const first = { ...held, seen: { size: 9n, root: root("B") } };
  refuses("memory-changed", first, null);
  refuses("memory-changed", first, { ...held, roster: 1 });
  memories.keep(first, held);
  assert.throws(() => memories.keep({ ...held, seen: { size: 12n, root: root("D") } }, held), { code: "memory-changed" });
  assert.deepEqual(memories.recall(), first);
});

test("an approval counts for 180 days and not a day longer", async () => {
  const read = readPackage(JSON.stringify(RELEASE.package));
  const on = (today: string) => said(async () => checkPackage(read, { fingerprint: RELEASE.fingerprint, roster: 0 }, today));
  assert.equal(RELEASE.today, "2026-11-23");
  assert.match((await on("2027-05-22"))!, /the release expired/);
  assert.equal(await on("2027-05-23"), "the approvals: the approval of qian counted until 2027-05-22");
});

test("every refusal is said in the page's words, the English ones those of the tools", async () => {
  for (const lang of ["en", "zh"]) {
    const file = readFileSync(join(REPOSITORY, `messages/holders.${lang}.ftl`), "utf8");
    const words = new Map([...file.matchAll(/^([\w-]+) = (.*)$/gm)].map(([, key, text]) => [key!, text!.replace(/\{ \$(\w+) \}/g, "{$1}")]));
    for (const share of RELEASE.shares.filter(({ refused }) => refused !== null)) {
      await assert.rejects(judge(share), (why) => {
        assert.ok(why instanceof Refused);
        const sentence = say(why, (key) => words.get(key));
        assert.ok(!/[{}]/.test(sentence), sentence);
        if (lang === "en") assert.equal(sentence, share.refused);
        else assert.match(sentence, /\p{Script=Han}/u);
        return true;
      }, share.name);
    }
  }
});

function word(found: Finding): string {
  return found.outcome === "refused" ? found.ground : found.outcome;
}
