// One trustee turns one lock: opens their share files, and seals the shares of one lock again to the office. As
// src/cleartext/share.rs.

import { sealPadded } from "../core/agefile.ts";
import { ageRecipient, parseAgeIdentity } from "../core/agekeys.ts";
import { fromBase64, toBase64, toHex, utf8, wipe } from "../core/bytes.ts";
import { handoverFits } from "../core/handover.ts";
import type { Random } from "../core/random.ts";
import { type RecipientSet, officeRecipients } from "../core/recipients.ts";
import { type ShareBody, openShareFile } from "../core/sharefile.ts";
import { Refused } from "../core/refused.ts";
import { type Json, record, writeJson } from "./json.ts";
import { refused } from "./refusals.ts";
import { type FilesRelease, type ReleaseTerms, bound } from "./terms.ts";

/** What the caller expects the share files to be for. */
export interface Expected {
  /** The set in force. Share files may be of earlier sets in which the same key stood, at whatever place. */
  set: RecipientSet;
  /** 16 B. */
  report: Uint8Array;
  /** SHA-256 of each envelope, in the order of the share files. */
  envelopes: Uint8Array[];
  /** Of a report that staff entered: the first share files then name the keys of the receipt they issued. */
  handover: Uint8Array | null;
}

/** A trustee's opened shares of one report. */
export interface OpenedShares {
  /** Finds this report's leaves in the log. */
  audit: Uint8Array;
  /** Checks this report's claim. */
  claimKey: Uint8Array;
  /** Position in the recipient set in force, from 1. */
  trustee: number;
  bodies: ShareBody[];
}

/** Opens every share file with the trustee's age key and checks what it is bound to. */
export async function openShares(files: Uint8Array[], identity: string, expected: Expected): Promise<OpenedShares> {
  if (files.length === 0) throw refused("share-none");
  const bodies: ShareBody[] = [];
  // Of the first receipt and, after a handover, of the one that took over.
  const keys: { audit: Uint8Array; claimKey: Uint8Array }[] = [];
  const receipts = expected.handover ? 2 : 1;
  const secret = parseAgeIdentity(identity);
  const recipient = ageRecipient(secret);
  wipe(secret);
  const own = expected.set.trustees.findIndex((trustee) => trustee.recipient === recipient) + 1;
  const places = new Map([[expected.set.number, own]]);
  for (const [i, file] of files.entries()) {
    const body = await openShareFile(file, identity, i + 1);
    const [audit, claimKey] = [key(body.audit_key, i + 1), key(body.claim_key, i + 1)];
    const last = bodies.at(-1);
    if (!places.has(body.set_number)) places.set(body.set_number, body.trustee);
    if (body.audit_key !== last?.audit_key || body.claim_key !== last.claim_key) keys.push({ audit, claimKey });
    const hash = expected.envelopes[i];
    const bound =
      body.instance === expected.set.instance &&
      body.report === toHex(expected.report) &&
      body.set_number <= expected.set.number &&
      hash !== undefined && toBase64(hash) === body.envelope_sha256 &&
      keys.length <= receipts && body.trustee === places.get(body.set_number) &&
      expected.envelopes.length === files.length;
    if (!bound) throw refused("share-other-report", { number: i + 1 });
    bodies.push(body);
  }
  // At least one file was opened.
  const receipt = keys.at(-1)!;
  if (expected.handover) {
    const { set, report, handover } = expected;
    const heir = { instance: set.instance, report, claimKey: receipt.claimKey, auditKey: receipt.audit };
    if (keys.length !== 2 || !handoverFits(keys[0]!.claimKey, heir, handover)) throw refused("share-handover");
  }
  if (own === 0) throw refused("share-not-in-set");
  return { ...receipt, trustee: own, bodies };
}

/** The shares of the identity locks, for a payment. The caller has made every check. */
export async function reseal(shares: OpenedShares, terms: ReleaseTerms, set: RecipientSet, random: Random): Promise<Uint8Array> {
  if (terms.purpose !== "identity") throw refused("request-purpose");
  const given = shares.bodies.map((body) => share(body.envelope_sha256, body.share_l, body.hashes_l));
  return sealToOffice(shares, terms, given, set, random);
}

/** The share of one envelope's files lock, for one original. The caller has made every check. */
export async function resealFiles(shares: OpenedShares, terms: FilesRelease, set: RecipientSet, random: Random): Promise<Uint8Array> {
  const body = shares.bodies.find((each) => each.envelope_sha256 === toBase64(terms.files.envelope));
  if (!body) throw refused("share-no-envelope");
  return sealToOffice(shares, terms, [share(body.envelope_sha256, body.share_f, body.hashes_f)], set, random);
}

function share(envelope_sha256: string, share: string, hashes: string[]): Json {
  return record({ envelope_sha256, share, hashes });
}

async function sealToOffice(
  shares: OpenedShares, terms: ReleaseTerms | FilesRelease, given: Json[], set: RecipientSet, random: Random,
): Promise<Uint8Array> {
  const { matter, purpose } = bound(terms);
  const text = writeJson(
    record({
      format: 1n,
      trustee: BigInt(shares.trustee),
      purpose,
      award: toBase64(matter),
      claim_key: toBase64(shares.claimKey),
      shares: given,
    }),
  );
  const plain = utf8(text);
  const bucket = Math.ceil((plain.length + 2048) / 4096) * 4096;
  try {
    return await sealPadded(plain, officeRecipients(set), bucket, random);
  } finally {
    wipe(plain);
  }
}

function malformed(number: number): Refused {
  return new Refused("share-malformed", `share file ${number} is not well formed`, { number });
}

/** A key inside a share file; one of another length is the file's fault. */
function key(text: string, number: number): Uint8Array {
  let bytes: Uint8Array = new Uint8Array();
  try {
    bytes = fromBase64(text);
  } catch {
    // Refused below.
  }
  if (bytes.length !== 32) throw malformed(number);
  return bytes;
}
