// A handover as the Rust side makes it (`src/award/handover.rs`), and share files of two receipts with and without it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBase64, fromHex, fromPaddedBase64, toBase64 } from "../src/core/bytes.ts";
import { envelopeHash, checkEnvelope } from "../src/core/envelope.ts";
import { handoverFits, signHandover } from "../src/core/handover.ts";
import { random } from "../src/core/random.ts";
import { Receipt } from "../src/core/receipt.ts";
import { fingerprint, pinned } from "../src/core/recipients.ts";
import { sealReport, sealedReportJson } from "../src/core/seal.ts";
import { verifyKey } from "../src/core/signing.ts";
import { openShares } from "../src/holders/shares.ts";
import { frozenReport } from "./support.ts";

const VECTOR = "2ZswNEtDGdZEIegOyaEetuNukBIl5FM2p3M5KAZK2hDm5xrkOI/zcSv3vo7reJKXSA4HU4peQfvMywQHNEQACw";
const seed = (n: number) => new Uint8Array(32).fill(n);

test("a handover of the other side fits here, and for nothing else", () => {
  const heir = { instance: "test", report: new Uint8Array(16).fill(7), claimKey: verifyKey(seed(2)), auditKey: seed(1) };
  const [first, signature] = [verifyKey(seed(1)), fromBase64(VECTOR)];
  assert.ok(handoverFits(first, heir, signature));
  for (const other of [{ instance: "other" }, { report: seed(8).subarray(16) }, { claimKey: verifyKey(seed(3)) }, { auditKey: seed(2) }]) {
    assert.ok(!handoverFits(first, { ...heir, ...other }, signature));
  }
  assert.ok(!handoverFits(verifyKey(seed(2)), heir, signature));
});

test("share files of two receipts are one report with the first one's handover, and only so", async () => {
  const frozen = frozenReport();
  const set = pinned(frozen.set, fingerprint(frozen.set));
  const [staffs, own] = [Receipt.parse(frozen.receipt), Receipt.draw(random)];
  const later = sealedReportJson(
    await sealReport(null, { report: frozen.report, auditKey: own.auditKey(), claimKey: own.claimKey(), set }, random),
  );
  const both = [frozen.sealed, later];
  const report = fromHex(frozen.report);
  const files = both.map((sealed) => fromPaddedBase64(sealed.share_files[0]!));
  const envelopes = both.map((sealed) => envelopeHash(checkEnvelope(fromPaddedBase64(sealed.envelope))));
  const heir = { instance: set.instance, report, claimKey: own.claimKey(), auditKey: own.auditKey() };
  const open = (handover: Uint8Array | null, at = [0, 1]) =>
    openShares(at.map((i) => files[i]!), frozen.trustee_keys[0]![0], { set, report, envelopes: at.map((i) => envelopes[i]!), handover });

  const handover = signHandover(staffs, heir);
  const opened = await open(handover);
  assert.equal(toBase64(opened.claimKey), toBase64(own.claimKey()));
  assert.equal(toBase64(opened.audit), toBase64(own.auditKey()));
  assert.equal(opened.bodies.length, 2);
  const refuses = (code: string, tried: Promise<unknown>) => assert.rejects(tried, { code });
  await refuses("share-other-report", open(null));
  await refuses("share-handover", open(signHandover(own, heir)));
  await refuses("share-handover", open(signHandover(staffs, { ...heir, auditKey: staffs.auditKey() })));
  await refuses("share-handover", open(handover, [1, 0]));
  await refuses("share-handover", open(handover, [0]));
});
