// The log's published vectors (RFC 6962, C2SP) and our own frozen entries, read by this side.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { concat, fromHex, toHex, utf8 } from "../src/core/bytes.ts";
import { Refused } from "../src/core/refused.ts";
import { verifyKey } from "../src/core/signing.ts";
import { type LogKey, Signed, readCheckpoint, readLogKey, writeLogKey } from "../src/log/checkpoint.ts";
import { face, leafTag, openLeaf } from "../src/log/leaf.ts";
import { Replay, Scan, readLog } from "../src/log/scan.ts";
import { bundles, parseBundle } from "../src/log/tiles.ts";
import { EMPTY_ROOT, Frontier, leafHash, readHash, verifyConsistency, verifyInclusion, writeHash } from "../src/log/tree.ts";
import { vector } from "./support.ts";

const read = <T>(name: string): T => JSON.parse(vector(`log/${name}`).toString()) as T;

/** Runs `look`, which must be refused with this code. */
function refuses(code: string, look: () => unknown): void {
  assert.throws(look, (why) => why instanceof Refused && why.code === code, code);
}

interface Rfc6962 {
  leaves_hex: string[];
  roots: string[];
  inclusion: { index: number; size: number; path: string[] }[];
  consistency: { older: number; newer: number; path: string[] }[];
  golden: { size: number; root: string }[];
}

test("the reference tree of RFC 6962", () => {
  const rfc = read<Rfc6962>("rfc6962.json");
  const leaves = rfc.leaves_hex.map(fromHex);
  const roots = rfc.roots.map(readHash);
  const edge = new Frontier();
  assert.equal(writeHash(edge.root()), rfc.roots[0]);
  leaves.forEach((leaf, i) => {
    edge.append(leaf);
    assert.equal(writeHash(edge.root()), rfc.roots[i + 1]);
  });
  for (const { index, size, path } of rfc.inclusion) {
    const tree = { size: BigInt(size), root: roots[size]! };
    verifyInclusion(leafHash(leaves[index]!), BigInt(index), tree, path.map(readHash));
    refuses("tree-not-included", () => verifyInclusion(leafHash(utf8("x")), BigInt(index), tree, path.map(readHash)));
  }
  for (const { older, newer, path } of rfc.consistency) {
    const at = (size: number) => ({ size: BigInt(size), root: roots[size]! });
    verifyConsistency(at(older), at(newer), path.map(readHash));
    if (older < newer) {
      refuses("tree-rewritten", () => verifyConsistency({ ...at(older), root: EMPTY_ROOT }, at(newer), path.map(readHash)));
    }
  }
  refuses("tree-range", () => verifyInclusion(EMPTY_ROOT, 8n, { size: 8n, root: EMPTY_ROOT }, []));
  refuses("tree-no-prefix", () => verifyConsistency({ size: 9n, root: EMPTY_ROOT }, { size: 8n, root: EMPTY_ROOT }, []));
  refuses("tree-no-hash", () => readHash("AAAA"));
});

test("roots of larger trees", () => {
  const golden = read<Rfc6962>("rfc6962.json").golden;
  const edge = new Frontier();
  for (const { size, root } of golden.filter(({ size }) => size <= 70_000)) {
    while (edge.size < BigInt(size)) {
      const i = Number(edge.size);
      edge.append(Uint8Array.of(i & 255, i >> 8));
    }
    assert.equal(writeHash(edge.root()), root, `size ${size}`);
  }
});

test("proofs of a real certificate log", () => {
  const ct = read<Record<"root" | "leaf" | "older_root", string> & Record<"size" | "index" | "older", number> &
    Record<"audit_path" | "consistency", string[]>>("ct.json");
  const tree = { size: BigInt(ct.size), root: readHash(ct.root) };
  const path = ct.audit_path.map(readHash);
  verifyInclusion(readHash(ct.leaf), BigInt(ct.index), tree, path);
  refuses("tree-not-included", () => verifyInclusion(readHash(ct.leaf), BigInt(ct.index) + 1n, tree, path));
  const older = { size: BigInt(ct.older), root: readHash(ct.older_root) };
  verifyConsistency(older, tree, ct.consistency.map(readHash));
  refuses("tree-rewritten", () => verifyConsistency({ ...older, size: older.size - 1n }, tree, ct.consistency.map(readHash)));
});

interface Notes {
  signed_note: { vkey: string; note: string }[];
  cosignature: { checkpoint: string; witness_line: string; time: number; signed_message: string };
}

test("signed notes and cosignatures of C2SP", () => {
  const notes = read<Notes>("notes.json");
  for (const { vkey, note } of notes.signed_note) {
    const key = readLogKey(vkey);
    assert.equal(writeLogKey(key), vkey);
    // The signature holds; the text is, rightly, not taken for a checkpoint.
    refuses("checkpoint-none", () => Signed.open(key, note));
    refuses("checkpoint-signature", () => Signed.open(key, note.replace("i", "j")));
  }
  const { checkpoint, witness_line, time, signed_message } = notes.cosignature;
  const { signed, key } = signedNote(checkpoint);
  const seed = new Uint8Array(32).fill(2);
  const line = signed.cosigned("witness.example.com/w1", seed, BigInt(time)).slice(signed.note.length, -1);
  const blob = (line: string) => Buffer.from(line.split(" ")[2]!, "base64");
  assert.equal(blob(line).length, blob(witness_line).length);
  assert.deepEqual(blob(line).subarray(4, 12), blob(witness_line).subarray(4, 12));
  // The same signature as one over the published message.
  const again = signRaw(seed, signed_message);
  assert.deepEqual(blob(line).subarray(12), Buffer.from(again));
  // Cosigned, it is still the log's.
  assert.equal(Signed.open(key, `${signed.note}${line}\n`).checkpoint.size, signed.checkpoint.size);
});

test("our own entries and checkpoint are the frozen ones", () => {
  const frozen = read<Record<"audit_key_hex" | "report_hex" | "public_hex" | "root" | "checkpoint", string> & { n: number }>("entry.json");
  const audit = fromHex(frozen.audit_key_hex);
  const [report, announced] = [fromHex(frozen.report_hex), fromHex(frozen.public_hex)];
  const leaf = openLeaf(report, audit, frozen.n);
  assert.deepEqual({ ...leaf, digest: toHex(leaf.digest!) }, {
    event: "release", day: "2026-11-26", purpose: "identity", award: "2026-000417-1", digest: "07".repeat(32),
  });
  assert.deepEqual(face(announced), { kind: "recipient_set", number: 3n, day: "2026-11-26", digest: new Uint8Array(32).fill(8) });
  refuses("leaf-not-this", () => openLeaf(report, audit, frozen.n + 1));
  refuses("leaf-not-this", () => openLeaf(announced, audit, 0));
  refuses("leaf-length", () => face(report.subarray(1)));
  refuses("leaf-unknown", () => face(concat(Uint8Array.of(2), report.subarray(1))));
  for (let at = 3; at < report.length; at++) {
    const changed = report.slice();
    changed[at]! ^= 1;
    assert.throws(() => openLeaf(changed, audit, frozen.n), Refused);
  }
  const edge = new Frontier();
  edge.append(report);
  edge.append(announced);
  assert.equal(writeHash(edge.root()), frozen.root);
  const key = logKey();
  assert.equal(Signed.open(key, frozen.checkpoint).checkpoint.size, 2n);
  refuses("checkpoint-signature", () => Signed.open({ ...key, key: verifyKey(new Uint8Array(32).fill(9)) }, frozen.checkpoint));
  for (let at = 0; at < frozen.checkpoint.length; at++) {
    const changed = frozen.checkpoint.slice(0, at) + String.fromCharCode(frozen.checkpoint.charCodeAt(at) ^ 1) + frozen.checkpoint.slice(at + 1);
    assert.throws(() => Signed.open(key, changed), Refused, `character ${at}`);
  }
});

test("sizes have one spelling", () => {
  const root = writeHash(EMPTY_ROOT);
  for (const bad of ["", "01", "+1", "-1", "1 ", "18446744073709551616"]) {
    refuses("checkpoint-none", () => readCheckpoint(`a\n${bad}\n${root}\n`));
  }
  assert.equal(readCheckpoint(`a\n0\n${root}\nlater words\n`).size, 0n);
  refuses("checkpoint-none", () => readCheckpoint(`a\n0\n${root}\nlater words\n\n`));
});

test("paths of bundles", () => {
  const tiles = read<{ path: { index: number; groups: string } }>("tiles.json");
  const at = (size: bigint) => [...bundles(size)];
  assert.deepEqual(at(70_000n).slice(-1), [{ path: "tile/entries/273.p/112", width: 112 }]);
  assert.deepEqual(at(256n), [{ path: "tile/entries/000", width: 256 }]);
  assert.deepEqual(at(0n), []);
  const last = bundles(BigInt(tiles.path.index + 1) * 256n);
  let path = "";
  for (const bundle of last) path = bundle.path;
  assert.equal(path, `tile/entries/${tiles.path.groups}`);
  refuses("log-bundle", () => parseBundle({ path: "x", width: 2 }, Uint8Array.of(0, 1, 7)));
  refuses("log-bundle", () => parseBundle({ path: "x", width: 1 }, Uint8Array.of(0, 2, 7)));
});

test("a reporter finds their own entries among all, and a log that changed is refused", async () => {
  const frozen = read<Record<"audit_key_hex" | "report_hex" | "public_hex", string> & { n: number }>("entry.json");
  const audit = fromHex(frozen.audit_key_hex);
  const entries = Array.from({ length: 300 }, (_, i) => fromHex(i === 261 ? frozen.report_hex : frozen.public_hex));
  const { fetch, seen } = publish(entries);
  const found = await readLog(fetch, logKey(), seen(20), audit);
  assert.deepEqual(found.history.found.map(({ index, n, event }) => [index, n, event]), [[261n, 4, "release"]]);
  assert.deepEqual(found.history.openings(), [{ day: "2026-11-26", purpose: "identity" }]);
  // Its number is 4: four earlier ones are hidden.
  assert.equal(found.history.isWhole(), false);
  assert.equal(found.seen.size, 300n);
  const stranger = await readLog(fetch, logKey(), null, new Uint8Array(32));
  assert.deepEqual(stranger.history.found, []);

  const rejects = (code: string, run: Promise<unknown>) =>
    assert.rejects(run, (why) => why instanceof Refused && why.code === code, code);
  await rejects("log-shrunk", readLog(fetch, logKey(), { size: 301n, root: EMPTY_ROOT }, audit));
  await rejects("log-rewritten", readLog(fetch, logKey(), { size: 300n, root: EMPTY_ROOT }, audit));
  const replaced = publish(entries, 10);
  await rejects("log-not-signed", readLog(replaced.fetch, logKey(), null, audit));
  await rejects("log-rewritten", readLog(replaced.fetch, logKey(), seen(20), audit));
  refuses("log-not-signed", () => new Replay(logKey(), publish(entries).note, null).finish());
});

test("an opening is found by its tag even when its body is spoilt", () => {
  const audit = new Uint8Array(32).fill(1);
  const spoilt = new Uint8Array(128);
  spoilt.set([1, 1, 0]);
  spoilt.set(leafTag(audit, "release", 200), 3);
  const scan = new Scan(audit);
  scan.look(spoilt);
  scan.look(utf8("short"));
  const history = scan.finish();
  assert.deepEqual(history.openings(), [{ day: null, purpose: null }]);
  assert.equal(history.received(), null);
  assert.equal(history.isWhole(), false);
});

const SEED = new Uint8Array(32).fill(1);

function logKey(): LogKey {
  return { name: "mifeng.example/log", key: verifyKey(SEED) };
}

/** Serves these entries as a log; with `replaced`, one entry is another than the signed one. */
function publish(entries: Uint8Array[], replaced?: number) {
  const edge = new Frontier();
  const seen: { size: bigint; root: Uint8Array }[] = [];
  for (const entry of entries) {
    seen.push({ size: edge.size, root: edge.root() });
    edge.append(entry);
  }
  const { signed } = signedNote(`mifeng.example/log\n${edge.size}\n${writeHash(edge.root())}\n`);
  const served = entries.map((entry, i) => (i === replaced ? concat(entry.subarray(0, 20), Uint8Array.of(7), entry.subarray(21)) : entry));
  const fetch = async (path: string) => {
    if (path === "checkpoint") return utf8(signed.note);
    const bundle = [...bundles(edge.size)].findIndex((each) => each.path === path);
    const own = served.slice(bundle * 256, bundle * 256 + 256);
    return concat(...own.flatMap((entry) => [Uint8Array.of(0, entry.length), entry]));
  };
  return { fetch, note: signed.note, seen: (size: number) => seen[size]! };
}

/** A note signed by the test log under the name in the text's first line. */
function signedNote(text: string): { signed: Signed; key: LogKey } {
  const key = { name: text.split("\n")[0]!, key: verifyKey(SEED) };
  const id = Buffer.from(writeLogKey(key).split("+")[1]!, "hex");
  const line = Buffer.concat([id, signRaw(SEED, text)]).toString("base64");
  return { signed: Signed.open(key, `${text}\n— ${key.name} ${line}\n`), key };
}

/** Ed25519 over plain text, as notes have it. */
function signRaw(seed: Uint8Array, text: string): Uint8Array {
  return ed25519.sign(utf8(text), seed);
}
