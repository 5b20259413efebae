// The release: that it was published first, what a trustee signs, and that enough of them did. As src/award/release.rs.

import { same, toPaddedBase64, utf8 } from "../core/bytes.ts";
import { Refused } from "../core/refused.ts";
import type { RecipientSet } from "../core/recipients.ts";
import { fromHex } from "../core/bytes.ts";
import { accepts, parseVerifyKey, sign } from "../core/signing.ts";
import { sha256 } from "../core/transcript.ts";
import { type Leaf, openLeaf } from "../log/leaf.ts";
import type { Published } from "../log/proof.ts";
import { refused as logRefused } from "../log/refusals.ts";
import { type Json, record } from "./json.ts";
import { refused } from "./refusals.ts";
import { signatureText } from "./roster.ts";
import * as shape from "./shape.ts";
import { type FilesRelease, type ReleaseTerms, bigEndian, bound, leafDigest } from "./terms.ts";

const DOMAIN = "mifeng/v1/release";
type Terms = ReleaseTerms | FilesRelease;

/** Refuses unless this very release was published: its leaf, made with the report's own audit key. */
export function checkPublished(terms: Terms, audit: Uint8Array, published: Published): void {
  if (published.index !== terms.leaf_index) throw logRefused("release-other-place");
  let leaf: Leaf;
  try {
    leaf = openLeaf(published.entry, audit, terms.leaf_n);
  } catch (why) {
    throw why instanceof Refused ? logRefused("release-other-report") : why;
  }
  const announced =
    leaf.event === "release" && leaf.purpose === bound(terms).purpose && leaf.digest !== null && same(leaf.digest, leafDigest(terms));
  if (!announced) throw logRefused("release-other-release");
}

/** One trustee's answer: the share, sealed again to the office, and the signature over the release. */
export const deposit = shape.object({ trustee: shape.u8, resealed: shape.string, signature: signatureText });
export type Deposit = shape.Of<typeof deposit>;

/** A deposit as it travels. */
export function signDeposit(
  terms: Terms,
  set: RecipientSet,
  trustee: number,
  resealed: Uint8Array,
  seed: Uint8Array,
): Json {
  const signature = sign(seed, DOMAIN, parts(terms, set, resealed, trustee));
  return record({
    trustee: BigInt(trustee),
    resealed: toPaddedBase64(resealed),
    signature: toPaddedBase64(signature).replace(/=+$/, ""),
  });
}

/** The re-sealed shares of t different trustees who gave them for exactly this release, by trustee. */
export function gatherQuorum(terms: Terms, set: RecipientSet, deposits: Deposit[], today: string): Map<number, Uint8Array> {
  const gathered = new Map<number, Uint8Array>();
  for (const each of deposits) {
    if (gathered.has(each.trustee)) throw refused("deposit-twice", { trustee: each.trustee });
    gathered.set(each.trustee, verifyDeposit(each, terms, set, today));
  }
  if (gathered.size < set.threshold) throw refused("deposit-too-few", { found: gathered.size, needed: set.threshold });
  return gathered;
}

/** Checks the signature and the day; gives the re-sealed share. */
export function verifyDeposit(deposit: Deposit, terms: Terms, set: RecipientSet, today: string): Uint8Array {
  const { trustee } = deposit;
  const { expires } = bound(terms);
  if (today > expires) throw refused("deposit-expired", { day: expires });
  const holder = set.trustees[trustee - 1];
  if (!holder) throw refused("deposit-unknown", { trustee });
  const resealed = shape.readBytes(deposit.resealed);
  if (!resealed) throw refused("deposit-unreadable");
  const signed = parts(terms, set, resealed, trustee);
  if (!accepts(parseVerifyKey(holder.verify), DOMAIN, signed, deposit.signature)) throw refused("deposit-signature", { trustee });
  return resealed;
}

function parts(terms: Terms, set: RecipientSet, resealed: Uint8Array, trustee: number): Uint8Array[] {
  const { matter, purpose, expires } = bound(terms);
  return [
    matter,
    utf8(purpose),
    utf8(expires),
    bigEndian(terms.leaf_index, 8),
    fromHex(set.fingerprint.replace(/-/g, "")),
    sha256(resealed),
    Uint8Array.of(trustee),
  ];
}
