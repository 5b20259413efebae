// What the Rust side froze, read by this side; and what this side seals, read back by itself.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openPadded } from "../src/core/agefile.ts";
import { fromBase64, fromPaddedBase64, fromUtf8, same, toBase64, toHex } from "../src/core/bytes.ts";
import { checkEnvelope, ENVELOPE_LEN, envelopeHash, unlockSection } from "../src/core/envelope.ts";
import type { FilesSection, IdentitySection, Person } from "../src/core/person.ts";
import { random } from "../src/core/random.ts";
import { Receipt } from "../src/core/receipt.ts";
import { pinned, fingerprint } from "../src/core/recipients.ts";
import { sealReport, sealedReportJson, type SealedReportJson } from "../src/core/seal.ts";
import { openShareFile, SHARE_FILE_LEN, type ShareBody } from "../src/core/sharefile.ts";
import { combine } from "../src/core/shares.ts";
import { keyText, parseSigningKey, verifyKey } from "../src/core/signing.ts";
import { sha256 } from "../src/core/transcript.ts";
import { frozenReport } from "./support.ts";

const frozen = frozenReport();
const set = pinned(frozen.set, fingerprint(frozen.set));
const receipt = Receipt.parse(frozen.receipt);

/** What office and any two trustees see. */
async function openWhole(sealed: SealedReportJson, by: [number, number]) {
  const envelope = checkEnvelope(fromPaddedBase64(sealed.envelope));
  const bodies: ShareBody[] = [];
  for (const i of by) {
    bodies.push(await openShareFile(fromPaddedBase64(sealed.share_files[i]!), frozen.trustee_keys[i]![0], i + 1));
  }
  const section = async (name: "identity" | "files") => {
    const list = name === "identity" ? "hashes_l" : "hashes_f";
    const shares = bodies.map((body) => fromBase64(name === "identity" ? body.share_l : body.share_f));
    bodies.forEach((body, i) => assert.equal(toBase64(sha256(shares[i]!)), body[list][body.trustee - 1]));
    const lock = await combine(shares);
    const padded = unlockSection(envelope, name, lock, set.instance, frozen.report);
    assert.ok(padded, `${name}: the lock does not fit`);
    const plain = await openPadded(padded, frozen.office_key);
    assert.ok(plain, `${name}: the office's key does not open it`);
    return JSON.parse(fromUtf8(plain)) as unknown;
  };
  return {
    bodies,
    envelope,
    identity: (await section("identity")) as IdentitySection,
    files: (await section("files")) as FilesSection,
  };
}

test("the frozen report of the server's way opens here", async () => {
  const { bodies, envelope, identity, files } = await openWhole(frozen.sealed, [1, 2]);
  assert.equal(identity.person?.name, frozen.person_name);
  assert.equal(identity.sealed_by, "server");
  assert.match(files.files_key, /^AGE-SECRET-KEY-1/);
  assert.equal(toHex(receipt.auditKey()), frozen.audit_key);
  assert.equal(receipt.mailboxRecipient(), frozen.mailbox);
  assert.equal(toBase64(receipt.claimKey()), frozen.claim_key);
  for (const body of bodies) {
    assert.equal(body.report, frozen.report);
    assert.equal(body.envelope_sha256, toBase64(envelopeHash(envelope)));
    assert.ok(same(fromBase64(body.audit_key), receipt.auditKey()));
    assert.ok(same(fromBase64(body.claim_key), receipt.claimKey()));
  }
});

test("the holders' signing keys are read and give the set's verifying keys", () => {
  frozen.trustee_keys.forEach(([, text], i) => {
    assert.equal(keyText(verifyKey(parseSigningKey(text))), set.trustees[i]!.verify);
  });
});

test("what is sealed here opens again, named and nameless, in one size", async () => {
  const person: Person = {
    name: "密封测试甲",
    id_kind: "resident_id",
    id_number: "11010519491231002X",
    mobile: "13800138000",
    payee: { kind: "account", holder: "密封测试甲", bank: "某银行", number: "79927398713" },
    own_employer: true,
    joint: [{ name: "联名人", id_number: "34052419800101001X" }],
  };
  const binding = { report: frozen.report, auditKey: receipt.auditKey(), claimKey: receipt.claimKey(), set };
  for (const whom of [person, null]) {
    const sealed = await sealReport(whom, binding, random);
    assert.equal(sealed.envelope.length, ENVELOPE_LEN);
    assert.deepEqual(new Set(sealed.shareFiles.map((file) => file.length)), new Set([SHARE_FILE_LEN]));
    const { identity, bodies } = await openWhole(sealedReportJson(sealed), [0, 2]);
    assert.deepEqual(identity, { format: 1, sealed_by: "device", person: whom });
    assert.deepEqual(bodies.map((body) => body.trustee), [1, 3]);
  }
});

test("a person too long for the envelope is refused, not cut", async () => {
  const person: Person = {
    name: "长".repeat(6000),
    id_kind: "other",
    id_number: "1234",
    mobile: "13800138000",
    payee: { kind: "in_person" },
    own_employer: false,
    joint: [],
  };
  const binding = { report: frozen.report, auditKey: receipt.auditKey(), claimKey: receipt.claimKey(), set };
  await assert.rejects(sealReport(person, binding, random), { code: "too-long" });
});

test("a share file opens for its own trustee alone", async () => {
  const file = fromPaddedBase64(frozen.sealed.share_files[0]!);
  await assert.rejects(openShareFile(file, frozen.trustee_keys[1]![0], 1), { code: "share-wrong-key" });
  await assert.rejects(openShareFile(file.subarray(1), frozen.trustee_keys[0]![0], 1), { code: "share-file-length" });
});
