// Everything a trustee's page checks before it gives a share for an original, in the order of the command-line tool
// (src/cli/trustee/files.rs). No input or output.

import { askedDigest } from "../core/asked.ts";
import { same, toHex } from "../core/bytes.ts";
import type { Random } from "../core/random.ts";
import { Refused } from "../core/refused.ts";
import { type RecipientSet, fingerprint, pinned } from "../core/recipients.ts";
import { checkShareFile } from "../core/sharefile.ts";
import { parseVerifyKey } from "../core/signing.ts";
import { type Leaf, openLeaf } from "../log/leaf.ts";
import { Published, type Seen, proof } from "../log/proof.ts";
import { record, writeJson } from "./json.ts";
import type { HolderKey } from "./keyfile.ts";
import { refused, within, withinAsync } from "./refusals.ts";
import { checkPublished, signDeposit } from "./release.ts";
import { type Trust, envelopeHash } from "./request.ts";
import { signatureText } from "./roster.ts";
import { untrustedSet } from "./sets.ts";
import * as shape from "./shape.ts";
import { type OpenedShares, openShares, resealFiles } from "./shares.ts";
import { type FilesRelease, filesHash, filesName, filesRelease } from "./terms.ts";

const FORMAT = 1;

const request = shape.object({
  format: shape.u16,
  purpose: shape.word("identity", "files"),
  set: untrustedSet,
  terms: filesRelease,
  handover: shape.optional(signatureText),
  trustee: shape.u8,
  envelopes: shape.list(shape.string),
  share_files: shape.list((value) => checkShareFile(shape.bytes(value))),
  told: proof,
  between: shape.list(proof),
  proof,
  since: shape.list(proof),
});
export type FilesRequest = shape.Of<typeof request>;

/** `null`: it is no request for an original, but may be one for a payment. */
export function readFilesRequest(text: string): FilesRequest | null {
  return shape.readAs(request, text);
}

/** All checks passed; only the trustee's own yes is missing. */
export interface CheckedFiles {
  set: RecipientSet;
  terms: FilesRelease;
  shares: OpenedShares;
  published: Published;
  /** To be remembered before a share is given. */
  memory: { seen: Seen; roster: number };
}

/** Whether the request is for the trustee of this key, by a set nobody has believed yet. */
export function isForFiles(request: FilesRequest, key: HolderKey): boolean {
  const set = within("set", () => pinned(request.set, fingerprint(request.set)));
  const own = set.trustees[request.trustee - 1];
  return own !== undefined && same(parseVerifyKey(own.verify), key.verify);
}

/** Checks a request against what this browser has pinned and remembers. `today` is 2026-11-26. */
export async function checkFiles(request: FilesRequest, key: HolderKey, trust: Trust, today: string): Promise<CheckedFiles> {
  if (request.format !== FORMAT) throw refused("request-format", { format: request.format });
  if (request.purpose !== "files") throw refused("request-other-purpose");
  const set = within("set", () => pinned(request.set, trust.fingerprint));
  const other = refused("request-trustee", { trustee: request.trustee });
  const own = set.trustees[request.trustee - 1];
  if (!own || !same(parseVerifyKey(own.verify), key.verify)) throw other;
  const { files } = request.terms;
  if (today > files.good_until) throw refused("request-expired", { day: files.good_until });
  if (today <= files.object_until) throw refused("request-still-open", { day: files.object_until });
  if (files.instance !== set.instance) throw refused("request-instance");
  const envelopes = request.envelopes.map(envelopeHash);
  const expected = { set, report: files.report, envelopes, handover: request.handover };
  const shares = await withinAsync("shares", () => openShares(request.share_files, key.identity, expected));
  if (shares.trustee !== request.trustee) throw other;
  const proven = (each: FilesRequest["proof"]): Published => within("log", () => Published.verify(each, trust.log, trust.seen));
  const [told, between, opening, since] = [proven(request.told), request.between.map(proven), proven(request.proof), request.since.map(proven)];
  within("reporter", () => checkUnopposed(request.terms, shares.audit, told, between, opening, since));
  within("release", () => checkPublished(request.terms, shares.audit, opening));
  return { set, terms: request.terms, shares, published: opening, memory: { seen: opening.seen(), roster: trust.roster } };
}

/** As `Unopposed::check` in src/evidence/release.rs. */
export function checkUnopposed(
  terms: FilesRelease, audit: Uint8Array, told: Published, between: Published[], opening: Published, since: Published[],
): void {
  const { files } = terms;
  if (files.object_until <= files.asked) throw refused("told-no-window");
  // By themselves each could come from a log of its own that nobody else is shown.
  const [one, ...others] = [opening, told, ...between, ...since].map((each) => each.seen());
  if (others.some(({ size, root }) => size !== one!.size || !same(root, one!.root))) throw refused("told-forked");
  const at = ({ entry }: Published, n: number): Leaf | null => {
    try {
      return openLeaf(entry, audit, n);
    } catch (why) {
      if (why instanceof Refused) return null;
      throw why;
    }
  };
  const asked = at(told, terms.told.leaf_n);
  const isTold =
    told.index === terms.told.leaf_index &&
    asked?.event === "asked" && asked.purpose === "files" && asked.day === files.asked && asked.award === filesName(files);
  if (!isTold) throw refused("told-not");
  const digest = askedDigest(filesHash(files), { ...files, name: filesName(files) });
  if (asked.digest === null || !same(asked.digest, digest)) throw refused("told-other-words");
  let [n, last] = [terms.told.leaf_n, told.index];
  const next = (each: Published): Leaf => {
    const leaf = at(each, ++n);
    if (!leaf || each.index <= last) throw refused("told-left-out");
    last = each.index;
    return leaf;
  };
  for (const each of between) goesOn(next(each));
  const opened = next(opening);
  if (n !== terms.leaf_n) throw refused("told-left-out");
  if (opened.day <= files.object_until) throw refused("told-early", { day: files.object_until });
  for (const each of since) goesOn(next(each));
}

/** Whether a request goes on after this entry of its report. */
function goesOn({ event, purpose }: Leaf): void {
  if (event === "objected" && purpose === "files") throw refused("told-objected");
  if (event === "ended") throw refused("told-ended");
  if (event === "withdrawn") throw refused("told-withdrawn");
}

/** The answer to be uploaded, as for a payment; `seconds` since 1970-01-01T00:00Z. */
export async function answerFiles(checked: CheckedFiles, key: HolderKey, seconds: number, random: Random): Promise<string> {
  const { set, terms, shares } = checked;
  const name = `${set.instance}/trustee-${shares.trustee}`;
  const checkpoint = within("checkpoint", () => checked.published.signed.cosigned(name, key.seed, BigInt(seconds)));
  const resealed = await resealFiles(shares, terms, set, random);
  return writeJson(
    record({
      format: BigInt(FORMAT),
      report: toHex(terms.files.report),
      leaf_index: terms.leaf_index,
      deposit: signDeposit(terms, set, shares.trustee, resealed, key.seed),
      checkpoint,
    }),
  );
}
