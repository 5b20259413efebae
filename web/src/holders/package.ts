// What the office's page checks before it turns the second lock (src/cli/office/check.rs), and the door out
// (src/cleartext/open.rs). Nothing of a person is kept here.

import { openPadded } from "../core/agefile.ts";
import { fromBase64, fromUtf8, toBase64, toHex, wipe } from "../core/bytes.ts";
import { claimFits } from "../core/claim.ts";
import { checkEnvelope, envelopeHash, unlockSection } from "../core/envelope.ts";
import { type RecipientSet, pinned } from "../core/recipients.ts";
import { combine } from "../core/shares.ts";
import { sha256 } from "../core/transcript.ts";
import { approval, verifyApprovals } from "./approvals.ts";
import { type Paper, checkPaper } from "./paper.ts";
import { type Conflict, type Person, identitySection, takeUp } from "./person.ts";
import { type Code, refused, within } from "./refusals.ts";
import { deposit, gatherQuorum } from "./release.ts";
import { signatureText, trustedRoster, untrustedRoster } from "./roster.ts";
import { untrustedSet } from "./sets.ts";
import * as shape from "./shape.ts";
import { type ReleaseTerms, awardHash, releaseTerms } from "./terms.ts";

const FORMAT = 1;

const releasePackage = shape.object({
  format: shape.u16,
  set: untrustedSet,
  roster: untrustedRoster,
  terms: releaseTerms,
  approvals: shape.list(approval),
  claim: signatureText,
  decision: shape.string,
  envelopes: shape.list((value) => checkEnvelope(shape.bytes(value))),
  deposits: shape.list(deposit),
  rules: shape.string,
});
export type ReleasePackage = shape.Of<typeof releasePackage>;

/** What a trustee sealed again to the office. */
const resealed = shape.object({
  format: shape.u16,
  trustee: shape.u8,
  purpose: shape.string,
  award: shape.string,
  claim_key: shape.string,
  shares: shape.list(
    shape.object({ envelope_sha256: shape.string, share: shape.string, hashes: shape.list(shape.string) }),
  ),
});
type Resealed = shape.Of<typeof resealed>;

export function readPackage(text: string): ReleasePackage {
  const read = shape.readAs(releasePackage, text);
  if (!read) throw refused("package-unreadable");
  return read;
}

/** A package whose papers are in order. */
export interface Ready {
  set: RecipientSet;
  terms: ReleaseTerms;
  paper: Paper;
  /** Who approved. */
  by: string[];
  /** To be remembered: the number of the roster. */
  roster: number;
  claim: Uint8Array;
  envelopes: Uint8Array[];
  /** By trustee. */
  quorum: Map<number, Uint8Array>;
}

/** Checks a package against the pinned set; `today` (2026-11-26) bounds the release. */
export function checkPackage(
  read: ReleasePackage,
  trust: { fingerprint: string; roster: number },
  today: string,
): Ready {
  if (read.format !== FORMAT) throw refused("package-format", { format: read.format });
  const set = within("set", () => pinned(read.set, trust.fingerprint));
  const [found, seen] = [read.roster.number, trust.roster];
  if (found < seen) throw refused("roster-older", { found, seen });
  const roster = within("roster", () => trustedRoster(read.roster, set));
  const { terms, claim, envelopes } = read;
  const paper = within("award", () => checkPaper(read.decision, terms.award, read.rules));
  const by = within("approvals", () => verifyApprovals(terms.award, read.approvals, roster, today));
  const quorum = within("deposits", () => gatherQuorum(terms, set, read.deposits, today));
  return { set, terms, paper, by, roster: found, claim, envelopes, quorum };
}

/** What the officer sees. */
/**
 * The report is at fault, so that "unreadable", which ends an award for good, is the outcome to record. Anything else is the
 * package's, a key's or a trustee's fault, and may be put right. As `OpenError::is_outcome` in src/cleartext/open.rs.
 */
export const OUTCOMES: readonly string[] = ["open-envelope", "open-malformed"] satisfies Code[];

export interface Opened {
  /** `null`: nobody gave a name in any envelope. */
  person: Person | null;
  sealedBy: "server" | "device";
  /** What later envelopes say otherwise, in their order. */
  conflicts: Conflict[];
}

/** Opens one report's identity sections. Nothing is shown if approval, claim, shares, key and envelopes do not fit. */
export async function openPackage(ready: Ready, identity: string): Promise<Opened> {
  const { terms, envelopes } = ready;
  if (terms.purpose !== "identity") throw refused("open-purpose", { purpose: terms.purpose });
  const locks = await openLocks(ready, identity);
  let first: Opened | null = null;
  for (const [i, envelope] of envelopes.entries()) {
    const lock = locks[i] ?? new Uint8Array();
    const section = await openIdentity(envelope, lock, ready, identity, i + 1);
    wipe(lock);
    const found: Opened = { person: section.person, sealedBy: section.sealed_by, conflicts: first?.conflicts ?? [] };
    if (!first?.person) {
      first = section.person || !first ? found : first;
    } else if (section.person) {
      const taken = takeUp(first.person, section.person, i + 1);
      first.person = taken.person;
      first.conflicts.push(...taken.conflicts);
    }
  }
  if (!first) throw refused("open-empty");
  return first;
}

async function openIdentity(envelope: Uint8Array, lock: Uint8Array, ready: Ready, identity: string, number: number) {
  const { instance, report } = ready.terms.award;
  const padded = unlockSection(envelope, "identity", lock, instance, toHex(report));
  if (!padded) throw unreadable(ready, number);
  const plain = await openPadded(padded, identity);
  if (!plain) throw refused("open-other-office-key", { number });
  const section = shape.readAs(identitySection, fromUtf8(plain));
  wipe(plain);
  if (section?.format !== 1) throw refused("open-malformed", { number });
  return section;
}

/** Combines, for each envelope, the quorum's shares into its lock, naming a wrong share before combining. */
async function openLocks(ready: Ready, identity: string): Promise<Uint8Array[]> {
  const { terms, envelopes } = ready;
  if (envelopes.length === 0) throw refused("open-empty");
  const bodies = await openBodies(ready, identity);
  const [first] = bodies;
  if (!first || bodies.some((body) => body.claim_key !== first.claim_key)) throw refused("open-claim-keys-differ");
  const claimKey = decode(first.claim_key);
  if (!claimKey || !claimFits(claimKey, awardHash(terms.award), ready.claim)) throw refused("claim-missing");
  const locks: Uint8Array[] = [];
  for (const i of envelopes.keys()) {
    const own = bodies.map((body) => body.shares[i]!);
    if (own.some(({ hashes }) => hashes.join() !== own[0]!.hashes.join())) throw refused("open-hashes-differ", { number: i + 1 });
    const places = new Set<number>();
    const shares = bodies.map(({ trustee }, k) => {
      const share = decode(own[k]!.share);
      // Anywhere in the list: in the set the envelope was sealed to, the trustee may have stood at another place.
      const place = share ? own[k]!.hashes.indexOf(toBase64(sha256(share))) : -1;
      if (!share || place < 0 || places.has(place)) throw refused("open-share-wrong", { trustee });
      places.add(place);
      return share;
    });
    locks.push(await combined(shares, ready, i + 1));
    wipe(...shares);
  }
  return locks;
}

/** Opens the quorum's shares and checks that each is for this release and these envelopes. */
async function openBodies({ terms, envelopes, quorum }: Ready, identity: string): Promise<Resealed[]> {
  const bodies: Resealed[] = [];
  for (const [trustee, bytes] of quorum) {
    const plain = await openPadded(bytes, identity);
    const body = plain && shape.readAs(resealed, fromUtf8(plain));
    if (!body) throw refused("open-share-unreadable", { trustee });
    wipe(plain);
    const bound =
      body.format === 1 &&
      body.trustee === trustee &&
      body.purpose === terms.purpose &&
      body.award === toBase64(awardHash(terms.award)) &&
      body.shares.length === envelopes.length &&
      body.shares.every((share, i) => share.envelope_sha256 === toBase64(envelopeHash(envelopes[i]!)));
    if (!bound) throw refused("open-share-foreign", { trustee });
    bodies.push(body);
  }
  return bodies;
}

async function combined(shares: Uint8Array[], ready: Ready, number: number): Promise<Uint8Array> {
  try {
    const lock = await combine(shares);
    if (lock.length === 32) return lock;
  } catch {
    // Said below: the shares do not make a lock.
  }
  throw unreadable(ready, number);
}

/** Under a first set no shares were ever split again; under a later one the old trustees' may still open it. */
function unreadable({ set }: Ready, number: number): Error {
  return refused(set.number > 1 ? "open-perhaps-split" : "open-envelope", { number });
}

function decode(text: string): Uint8Array | null {
  try {
    return fromBase64(text);
  } catch {
    return null;
  }
}
