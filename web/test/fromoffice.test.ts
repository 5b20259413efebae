// A file of staff's, as the reporter's page opens it: the frozen one of the server's way, and what must not open.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromPaddedBase64, u64 } from "../src/core/bytes.ts";
import { harmless } from "../src/core/filename.ts";
import { ageFileOf, openFile, openLabel } from "../src/core/fromoffice.ts";
import { sealMessage } from "../src/core/mailbox.ts";
import { random } from "../src/core/random.ts";
import { Receipt } from "../src/core/receipt.ts";
import { vector } from "./support.ts";

interface Frozen {
  receipt: string;
  report: string;
  blob: string;
  name: string;
  inside: string;
  label: string;
  sealed: string;
}

const frozen = JSON.parse(vector("file-to-reporter-v1.json").toString()) as Frozen;
const place = { report: frozen.report, blob: frozen.blob };
const key = Receipt.parse(frozen.receipt).mailboxIdentity();
const sealed = fromPaddedBase64(frozen.sealed);

test("the frozen file opens here, with its name", async () => {
  const label = await openLabel(frozen.label, key, place);
  assert.deepEqual(label, { name: frozen.name, bytes: 1009 });
  const plain = await openFile(sealed, key, label!);
  assert.ok(plain && Buffer.from(frozen.inside, "base64").equals(plain));
});

test("another receipt, another place, another length open nothing", async () => {
  const other = Receipt.draw(random).mailboxIdentity();
  assert.equal(await openLabel(frozen.label, other, place), undefined);
  assert.equal(await openLabel(frozen.label, key, { ...place, blob: "33".repeat(16) }), undefined);
  assert.equal(await openLabel(frozen.label, key, { ...place, report: "33".repeat(16) }), undefined);
  assert.equal(await openFile(sealed, other, { name: "a", bytes: 1009 }), undefined);
  assert.equal(await openFile(sealed, key, { name: "a", bytes: 1008 }), undefined);
});

test("a label that is none of ours is refused, whatever stands in it", async () => {
  const recipient = Receipt.parse(frozen.receipt).mailboxRecipient();
  const good = { format: 1, ...place, name: "a.pdf", media_type: "application/pdf", bytes: 1 };
  const opened = async (label: unknown) => openLabel(await sealMessage(JSON.stringify(label), recipient, random), key, place);
  assert.deepEqual(await opened(good), { name: "a.pdf", bytes: 1 });
  assert.deepEqual(await opened({ ...good, name: "../..\\x\u202Efdp.exe" }), { name: "x_fdp.exe", bytes: 1 });
  for (const bad of [null, [], "x", { ...good, format: 2 }, { ...good, name: 1 }, { ...good, bytes: 1.5 }, { ...good, bytes: "1" }]) {
    assert.equal(await opened(bad), undefined, JSON.stringify(bad));
  }
  assert.equal(await openLabel(await sealMessage("not JSON", recipient, random), key, place), undefined);
});

test("the frame is checked to its last byte", async () => {
  const end = sealed.length;
  const age = ageFileOf(sealed)!;
  const changed = (change: (bytes: Uint8Array) => void, of = sealed) => {
    const bytes = of.slice();
    change(bytes);
    return ageFileOf(bytes);
  };
  assert.ok(age.length > 1009 && changed(() => undefined));
  assert.equal(changed((bytes) => (bytes[0] = 2)), undefined, "version");
  assert.equal(changed((bytes) => (bytes[1] = 2)), undefined, "suite");
  assert.equal(changed((bytes) => (bytes[2 + age.length] = 1)), undefined, "first byte of the padding");
  assert.equal(changed((bytes) => (bytes[end - 9] = 1)), undefined, "last byte of the padding");
  assert.equal(changed(() => undefined, sealed.slice(0, -1)), undefined, "cut");
  assert.equal(changed(() => undefined, sealed.slice(0, 9)), undefined, "short");
  for (const length of [0, age.length - 1, end, 2 ** 52]) {
    // One less leaves a byte of the age file where zeros must be.
    assert.equal(changed((bytes) => bytes.set(u64(length), end - 8)), undefined, `length ${length}`);
  }
});

test("a name is made harmless as the server makes it", () => {
  for (const [given, safe] of [
    ["现场照片.jpg", "现场照片.jpg"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Users\\me\\a.docx", "a.docx"],
    [".bashrc", "bashrc"],
    ["photo\u202Egpj.exe", "photo_gpj.exe"],
    ["a\0b\nc", "a_b_c"],
    ["..", "file"],
    [".. .bashrc", "bashrc"],
    ["photo\u061Cgpj.exe", "photo_gpj.exe"],
    ["", "file"],
  ] as const) {
    assert.equal(harmless(given), safe);
  }
});
