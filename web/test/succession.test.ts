// A set follows another: as tests/keys_over_years/.

import assert from "node:assert/strict";
import { test } from "node:test";
import { drawAgeKey } from "../src/core/agekeys.ts";
import { toBase64, toHex } from "../src/core/bytes.ts";
import { random } from "../src/core/random.ts";
import { type RecipientSet, type UntrustedSet, following } from "../src/core/recipients.ts";
import { type ShareBody, sealShareFile } from "../src/core/sharefile.ts";
import { openShares } from "../src/holders/shares.ts";

const REPORT = random(16);
const ENVELOPES = [random(32), random(32)];
const RECEIPT = { audit_key: toBase64(random(32)), claim_key: toBase64(random(32)) };
const own = drawAgeKey(random);
const other = drawAgeKey(random);

function set(number: number, recipients: string[], threshold = 2): RecipientSet {
  const office = { working: drawAgeKey(random).recipient, recovery: drawAgeKey(random).recipient, verify: toBase64(random(32)) };
  const trustees = recipients.map((recipient, i) => ({ name: `trustee ${i + 1}`, recipient, verify: toBase64(random(32)) }));
  return { instance: "test", number, office, trustees, threshold, fingerprint: "" };
}

const SET = set(2, [own.recipient, other.recipient]);

function file(envelope: number, setNumber: number, trustee: number): Promise<Uint8Array> {
  const body: ShareBody = {
    format: 1,
    instance: "test",
    report: toHex(REPORT),
    envelope_sha256: toBase64(ENVELOPES[envelope]!),
    ...RECEIPT,
    set_number: setNumber,
    trustee,
    share_l: "",
    share_f: "",
    hashes_l: [],
    hashes_f: [],
  };
  return sealShareFile(body, own.recipient, random);
}

async function open(files: Uint8Array[], expected: RecipientSet = SET) {
  return openShares(files, own.identity, { set: expected, report: REPORT, envelopes: ENVELOPES, handover: null });
}

test("share files of an earlier set open at whatever place the same key stands now", async () => {
  const opened = await open([await file(0, 1, 3), await file(1, 2, 1)]);
  assert.equal(opened.trustee, 1);
  assert.deepEqual(opened.bodies.map((body) => body.trustee), [3, 1]);
});

test("of one set all are of one place, and that of the set in force is this key's own", async () => {
  const code = (code: string) => ({ code });
  await assert.rejects(open([await file(0, 1, 3), await file(1, 1, 2)]), code("share-other-report"));
  await assert.rejects(open([await file(0, 1, 3), await file(1, 2, 2)]), code("share-other-report"));
  await assert.rejects(open([await file(0, 1, 3), await file(1, 3, 1)]), code("share-other-report"));
  const without = set(2, [other.recipient, drawAgeKey(random).recipient]);
  await assert.rejects(open([await file(0, 1, 3), await file(1, 1, 3)], without), code("share-not-in-set"));
});

test("a later set never needs fewer trustees than the one before", () => {
  const three = set(1, [own.recipient, other.recipient, drawAgeKey(random).recipient], 3);
  const { instance, office, trustees } = three;
  const body = JSON.stringify({ format: 1, instance, number: 2, office, trustees, threshold: 2 });
  const later: UntrustedSet = { body, signatures: [] };
  assert.throws(() => following(later, three), { code: "set-lower-threshold" });
});
