// Everything a trustee's page checks before it gives a share, in the order of the command-line tool
// (src/cli/trustee/check.rs). No input or output.

import { claimFits } from "../core/claim.ts";
import { same, toHex } from "../core/bytes.ts";
import type { Random } from "../core/random.ts";
import { type RecipientSet, fingerprint, pinned } from "../core/recipients.ts";
import { checkShareFile } from "../core/sharefile.ts";
import { parseVerifyKey } from "../core/signing.ts";
import type { LogKey } from "../log/checkpoint.ts";
import { Published, type Seen, proof } from "../log/proof.ts";
import { approval, verifyApprovals } from "./approvals.ts";
import { record, writeJson } from "./json.ts";
import type { HolderKey } from "./keyfile.ts";
import { type Paper, checkPaper } from "./paper.ts";
import { refused, within, withinAsync } from "./refusals.ts";
import { checkPublished, signDeposit } from "./release.ts";
import { signatureText, trustedRoster, untrustedRoster } from "./roster.ts";
import { untrustedSet } from "./sets.ts";
import * as shape from "./shape.ts";
import { type OpenedShares, openShares, reseal } from "./shares.ts";
import { type ReleaseTerms, awardHash, hexBytes, releaseTerms } from "./terms.ts";

const FORMAT = 1;
const hexHash = hexBytes(32);

const request = shape.object({
  format: shape.u16,
  set: untrustedSet,
  roster: untrustedRoster,
  terms: releaseTerms,
  approvals: shape.list(approval),
  claim: signatureText,
  handover: shape.optional(signatureText),
  decision: shape.string,
  rules: shape.string,
  trustee: shape.u8,
  envelopes: shape.list(shape.string),
  share_files: shape.list((value) => checkShareFile(shape.bytes(value))),
  proof,
});
export type ReleaseRequest = shape.Of<typeof request>;

export function readRequest(text: string): ReleaseRequest {
  const read = shape.readAs(request, text);
  if (!read) throw refused("request-unreadable");
  return read;
}

/** What this browser has pinned and remembers. */
export interface Trust {
  fingerprint: string;
  log: LogKey;
  seen: Seen | null;
  /** The highest roster of approvers met; an older one is refused. */
  roster: number;
}

/** All checks passed; only the trustee's own yes is missing. */
export interface Checked {
  set: RecipientSet;
  terms: ReleaseTerms;
  paper: Paper;
  /** Who approved. */
  by: string[];
  shares: OpenedShares;
  published: Published;
  /** To be remembered before a share is given. */
  memory: { seen: Seen; roster: number };
}

/** Whether the request is for the trustee of this key, by a set nobody has believed yet. */
export function isFor(request: ReleaseRequest, key: HolderKey): boolean {
  const set = within("set", () => pinned(request.set, fingerprint(request.set)));
  const own = set.trustees[request.trustee - 1];
  return own !== undefined && same(parseVerifyKey(own.verify), key.verify);
}

/** Checks a request against what this browser has pinned and remembers. `today` is 2026-11-26. */
export async function checkRequest(request: ReleaseRequest, key: HolderKey, trust: Trust, today: string): Promise<Checked> {
  if (request.format !== FORMAT) throw refused("request-format", { format: request.format });
  const set = within("set", () => pinned(request.set, trust.fingerprint));
  const other = refused("request-trustee", { trustee: request.trustee });
  const own = set.trustees[request.trustee - 1];
  if (!own || !same(parseVerifyKey(own.verify), key.verify)) throw other;
  const { terms } = request;
  if (today > terms.expires) throw refused("request-expired", { day: terms.expires });
  if (terms.purpose !== "identity") throw refused("request-purpose");
  const paper = within("award", () => checkPaper(request.decision, terms.award, request.rules));
  const [found, seen] = [request.roster.number, trust.roster];
  if (found < seen) throw refused("roster-older", { found, seen });
  const roster = within("roster", () => trustedRoster(request.roster, set));
  const by = within("approvals", () => verifyApprovals(terms.award, request.approvals, roster, today));

  const envelopes = request.envelopes.map(envelopeHash);
  const expected = { set, report: terms.award.report, envelopes, handover: request.handover };
  const shares = await withinAsync("shares", () => openShares(request.share_files, key.identity, expected));
  if (shares.trustee !== request.trustee) throw other;
  if (!claimFits(shares.claimKey, awardHash(terms.award), request.claim)) throw refused("claim-missing");
  const published = within("log", () => Published.verify(request.proof, trust.log, trust.seen));
  within("release", () => checkPublished(terms, shares.audit, published));
  return { set, terms, paper, by, shares, published, memory: { seen: published.seen(), roster: found } };
}

/**
 * The answer to be uploaded: the share, sealed to the office and signed; the checkpoint, cosigned. `seconds` since
 * 1970-01-01T00:00Z.
 */
export async function answer(checked: Checked, key: HolderKey, seconds: number, random: Random): Promise<string> {
  const { set, terms, shares } = checked;
  const name = `${set.instance}/trustee-${shares.trustee}`;
  const checkpoint = within("checkpoint", () => checked.published.signed.cosigned(name, key.seed, BigInt(seconds)));
  const resealed = await reseal(shares, terms, set, random);
  return writeJson(
    record({
      format: BigInt(FORMAT),
      report: toHex(terms.award.report),
      leaf_index: terms.leaf_index,
      deposit: signDeposit(terms, set, shares.trustee, resealed, key.seed),
      checkpoint,
    }),
  );
}

export function envelopeHash(text: string): Uint8Array {
  const found = shape.readAs(hexHash, writeJson(text));
  if (!found) throw refused("request-envelope-hash");
  return found;
}
