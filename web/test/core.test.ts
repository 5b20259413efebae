import assert from "node:assert/strict";
import { test } from "node:test";
import { ageFileIn, greaseStanza, openAge, openPadded, sealAge, sealPadded } from "../src/core/agefile.ts";
import { checkAgeRecipient, drawAgeKey, parseAgeIdentity, ageRecipient } from "../src/core/agekeys.ts";
import { fromUtf8, json, toHex, u64, utf8, wellFormed } from "../src/core/bytes.ts";
import { isCreditCode } from "../src/core/formats.ts";
import { padme, storedBytes } from "../src/core/padme.ts";
import { below, random } from "../src/core/random.ts";
import { accepts, sign, verifyKey } from "../src/core/signing.ts";
import { sha256, transcript } from "../src/core/transcript.ts";
import { repeatable, vector } from "./support.ts";

const abc = utf8("abc");

test("moving a byte between parts changes the transcript", () => {
  const drawn = (domain: string, ...parts: string[]) => toHex(transcript(domain, parts.map(utf8)));
  assert.equal(drawn("d", "ab"), "00000001" + "64" + "00000002" + "6162");
  assert.notEqual(drawn("d", "ab", "c"), drawn("d", "a", "bc"));
  assert.notEqual(drawn("da", "b"), drawn("d", "ab"));
  assert.notEqual(drawn("d"), drawn("d", ""));
});

test("the hash and the signature are the published ones", () => {
  // FIPS 180-2, appendix B.1; RFC 8032, 7.1, TEST 1
  assert.equal(toHex(sha256(abc)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  const seed = Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex");
  assert.equal(toHex(verifyKey(seed)), "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  const signature = sign(seed, "a", [abc]);
  assert.ok(accepts(verifyKey(seed), "a", [abc], signature));
  assert.ok(!accepts(verifyKey(seed), "b", [abc], signature));
  assert.ok(!accepts(verifyKey(seed), "a", [abc, abc], signature));
  assert.ok(!accepts(verifyKey(seed), "a", [abc], signature.subarray(1)));
});

test("numbers and texts have the bytes the format draws", () => {
  assert.equal(toHex(u64(2 ** 40 + 5)), "0000010000000005");
  assert.equal(toHex(u64(0xffff_ffff)), "00000000ffffffff");
  assert.equal(fromUtf8(json({ a: "甲\n", b: null })), '{"a":"甲\\n","b":null}');
  assert.equal(wellFormed("a\ud800b"), "a\ufffdb");
});

test("Padmé is the published one", () => {
  for (const [length, padded] of [[0, 0], [1, 1], [2, 2], [8, 8], [9, 10], [99, 104], [1000, 1024], [1025, 1088]]) {
    assert.equal(padme(length!), padded);
  }
  assert.equal(padme(2 ** 30 + 1), 2 ** 30 + 2 ** 25);
  assert.equal(storedBytes(5), 32768);
  for (let length = 1; length < 200_000; length += 7) {
    assert.ok(padme(length) >= length && (padme(length) - length) * 100 <= 12 * length);
    assert.equal(padme(padme(length)), padme(length));
  }
});

test("age keys have age's own text forms", () => {
  // From the age crate's tests.
  const secret = "AGE-SECRET-KEY-1GQ9778VQXMMJVE8SK7J6VT8UJ4HDQAJUVSFCWCM02D8GEWQ72PVQ2Y5J33";
  const recipient = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa";
  assert.equal(ageRecipient(parseAgeIdentity(secret)), recipient);
  checkAgeRecipient(recipient);
  const bad = ["", "age1", recipient.toUpperCase(), recipient.slice(0, -1), "age1pq1qqqq", secret];
  for (const text of bad) assert.throws(() => checkAgeRecipient(text), { code: "recipient" }, text);
  for (const text of [secret.toLowerCase(), recipient, ""]) {
    assert.throws(() => parseAgeIdentity(text), { code: "age-key" });
  }
});

test("every recipient of the shared vectors is judged alike here", () => {
  const { good, bad } = JSON.parse(vector("age-recipients.json").toString()) as Record<"good" | "bad", string[]>;
  assert.ok(good.length >= 2 && bad.length >= 12);
  for (const text of good) checkAgeRecipient(text);
  for (const text of bad) assert.throws(() => checkAgeRecipient(text), { code: "recipient" }, text);
});

test("a sealed text comes back, every length is the bucket, and nothing hides in the padding", async () => {
  const key = drawAgeKey(random);
  for (const size of [0, 1, 500, 1500]) {
    const padded = await sealPadded(new Uint8Array(size).fill(7), [key.recipient], 2048, random);
    assert.equal(padded.length, 2048);
    assert.deepEqual(await openPadded(padded, key.identity), new Uint8Array(size).fill(7));
    assert.equal(await openPadded(padded, drawAgeKey(random).identity), undefined);
    padded[2047] = 1;
    assert.equal(ageFileIn(padded), undefined);
  }
  await assert.rejects(sealPadded(new Uint8Array(2000), [key.recipient], 2048, random), { code: "too-long" });
  assert.equal(ageFileIn(new Uint8Array(3)), undefined);
  assert.equal(ageFileIn(Uint8Array.of(0, 0, 1, 0, 9)), undefined);
});

test("every age file carries one grease stanza, last, and opens all the same", async () => {
  const [one, two] = [drawAgeKey(random), drawAgeKey(random)];
  for (let i = 0; i < 50; i++) {
    const file = await sealAge(abc, [one.recipient, two.recipient], random);
    const head = Buffer.from(file).toString("latin1").split("\n--- ")[0]!;
    const tags = head.split("\n").filter((line) => line.startsWith("-> ")).map((line) => line.split(" ")[1]!);
    assert.deepEqual(tags.map((tag) => tag.replace(/^.{1,8}-grease$/, "grease")), ["X25519", "X25519", "grease"]);
    assert.equal(fromUtf8((await openAge(file, two.identity))!), "abc");
  }
});

test("grease is drawn from the whole range of the Rust crate and never beyond it", () => {
  const seen = { args: new Set<number>(), body: new Set<number>(), word: new Set<number>(), chars: new Set<number>() };
  const random = repeatable(1);
  for (let i = 0; i < 5000; i++) {
    const { args: [tag, ...args], body } = greaseStanza(random);
    assert.match(tag!, /^[!-~]{1,8}-grease$/);
    seen.args.add(args.length);
    seen.body.add(body.length);
    for (const arg of args) {
      seen.word.add(arg.length);
      [...arg].forEach((c) => seen.chars.add(c.charCodeAt(0)));
    }
  }
  const range = (from: number, to: number) => new Set(Array.from({ length: to - from + 1 }, (_, i) => from + i));
  const sorted = (set: Set<number>) => new Set([...set].sort((a, b) => a - b));
  assert.deepEqual(sorted(seen.args), range(0, 4));
  assert.deepEqual(sorted(seen.body), range(0, 99));
  assert.deepEqual(sorted(seen.word), range(1, 8));
  assert.deepEqual(sorted(seen.chars), range(33, 126));
});

test("no number is likelier than another", () => {
  const counts = new Array<number>(10).fill(0);
  const random = repeatable(2);
  for (let i = 0; i < 10_000; i++) counts[below(10, random)]! += 1;
  // Expected 1,000 each; 5 standard deviations are 150.
  assert.ok(counts.every((count) => Math.abs(count - 1000) < 150), counts.join(" "));
  let first = true;
  // A byte above the last whole round is drawn again.
  assert.equal(below(10, () => Uint8Array.of(first ? ((first = false), 251) : 7)), 7);
});

test("a credit code is told by its check character", () => {
  for (const good of ["91350100M000100Y43", "91512081MA62K0260E", "91512081ma62k0260e"]) assert.ok(isCreditCode(good), good);
  for (const bad of ["91350100M000100Y4Z", "91350100M000100Y4", "91350100I000100Y43", ""]) assert.ok(!isCreditCode(bad), bad);
});
