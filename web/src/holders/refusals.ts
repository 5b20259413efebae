// Why something is refused, one code a reason: the reasons of the Rust tools, in the same words. A page says them from
// messages/holders.*.ftl by the same code; a test keeps the three together.

import { Refused } from "../core/refused.ts";
import { type About, fill, refuse } from "../log/refusals.ts";

const SENTENCES = {
  // the papers
  "roster-signature": "the roster of approvers is not signed by the office of this recipient set",
  "roster-instance": "the roster belongs to another instance",
  "roster-twice": "the roster names a person or a key twice",
  "roster-older": "the roster of approvers is number {found}; number {seen} was seen before",
  "approval-too-few": "{found} of {needed} approvals",
  "approval-twice": "{by} has approved twice",
  "approval-roster": "{by} is not on the roster of approvers that the office has signed",
  "approval-own-case": "{by} has worked on this case and may not approve its award",
  "approval-signature": "the signature of {by} does not fit this award",
  "approval-day": "the approval of {by} is older than the award or lies in the future",
  "approval-expired": "the approval of {by} counted until {until}",
  "paper-unreadable": "the decision is not of a form this program knows",
  "paper-other-decision": "the decision is not the one that was approved",
  "paper-other-amount": "the decision says another amount or day than the award",
  "paper-rules": "the reward rules cannot be read: {why}",
  "paper-not-computed": "these rules do not give this amount for these facts",
  "paper-personal": "the computation says something about the reporter",
  // the trustees
  "request-unreadable": "the file is not a release request",
  "request-format": "the request has format {format}, which is unknown to this program",
  "request-trustee": "this key is not that of trustee {trustee}, for whom the request is",
  "request-expired": "the release expired on {day}",
  "request-purpose": "this tool releases for a payment only",
  "request-other-purpose": "the request says that it is for something else than what it carries",
  "request-still-open": "the reporter may object until {day}: nothing is opened before",
  "request-instance": "the request is for another instance",
  "told-not": "the entry by which the reporter was told is not in the log, or says something else",
  "told-other-words": "the words of the request are not those in which the reporter was told of it",
  "told-ended": "the request has ended",
  "told-left-out": "between the day it was told and the opening entries of this report are left out",
  "told-objected": "the reporter has objected",
  "told-withdrawn": "the reporter has withdrawn the report",
  "told-forked": "the entries are proven by different checkpoints: they need not be of one log",
  "told-early": "the reporter could object until {day}: the opening was published too early",
  "told-no-window": "the request leaves its reporter no whole day to object",
  "request-envelope-hash": "a hash of an envelope is not 64 hexadecimal digits",
  "request-witness": "the instance's name cannot name a witness",
  "share-none": "there is no share file",
  "share-no-envelope": "the opening is for an envelope that is not this report's",
  "share-handover": "the receipt that staff issued has not handed this report over to the one that claims",
  "share-not-in-set": "this key is none of the recipient set in force",
  "share-other-report": "share file {number} belongs to another report, another envelope or another recipient set",
  "deposit-expired": "the release expired on {day}",
  "deposit-unknown": "trustee {trustee} is not in the recipient set",
  "deposit-twice": "trustee {trustee} has given a share twice",
  "deposit-signature": "the signature of trustee {trustee} does not fit this release",
  "deposit-too-few": "{found} of {needed} trustees",
  "deposit-unreadable": "the deposit is too large or not base64",
  // the office
  "package-unreadable": "the file is not a release package",
  "package-format": "the package has format {format}, which is unknown to this program",
  "open-purpose": "the release is for {purpose}, not for an identity",
  "open-empty": "the package has no envelope",
  "open-share-unreadable": "the share of trustee {trustee} does not open with this office key",
  "open-share-foreign": "the share of trustee {trustee} is for another award or another envelope",
  "open-share-wrong": "the share of trustee {trustee} is wrong: it does not fit the hash written when the report was sealed",
  "open-hashes-differ": "the trustees' lists of share hashes differ for envelope {number}",
  "open-claim-keys-differ": "the trustees name different keys for the claim: one of them has changed it, or the report was tampered with",
  "open-envelope": "envelope {number} does not open: it was changed, or the shares belong to another report",
  "open-perhaps-split": "envelope {number} does not open: it was changed, or the shares belong to another report. If shares of this report were ever split again, a trustee may have dealt wrongly then: record nothing, and ask the trustees of the earlier set, with the keys they had then",
  "open-other-office-key": "the locks of envelope {number} turn, but what is inside is sealed to other keys of the office: open the package with mifeng-office, which takes several key files",
  "open-malformed": "envelope {number} opened, but what it holds is not well formed",
  // this device
  "claim-missing": "the holder of this report's receipt has not claimed this award",
  "key-file-age": "the key file has no line AGE-SECRET-KEY-1… that is an age key",
  "key-file-signing": "the key file has no line MIFENG-SIGNING-KEY-… that is a signing key",
  "passkey-none": "passkeys do not work here: the browser has no PRF extension, or the address is a number and not a name",
  "passkey-not-given": "the passkey was not given, or it is not the one this key file was sealed to",
  "memory-unreadable": "what this browser remembers cannot be read",
  "memory-other-log": "this browser trusts another log already: {log}",
  "memory-older": "this browser remembers more than that already",
  "memory-changed": "this browser has gone on in another tab; load the page again",
  "memory-not-kept": "this browser does not keep what it must remember",
} as const;

/** What was being looked at; in front of the sentence. */
const WITHIN = {
  set: "the recipient set",
  roster: "the roster of approvers",
  award: "the award",
  approvals: "the approvals",
  shares: "the share files",
  deposits: "the trustees' shares",
  log: "the log",
  reporter: "the reporter",
  release: "the release in the log",
  checkpoint: "the checkpoint",
  entry: "the entry",
} as const;

export type Code = keyof typeof SENTENCES;
export type Part = keyof typeof WITHIN;
export const CODES = Object.keys(SENTENCES) as Code[];

export function refused(code: Code, about: About = {}): Refused {
  return refuse(code, SENTENCES[code], about);
}

/** A refusal that says what was being looked at. */
export class RefusedWithin extends Refused {
  readonly part: Part;
  readonly why: Refused;

  constructor(part: Part, why: Refused) {
    super(why.code, `${WITHIN[part]}: ${why.message}`, why.about);
    this.part = part;
    this.why = why;
  }
}

/** Runs `look`; a refusal in it says what was being looked at. */
export function within<T>(part: Part, look: () => T): T {
  try {
    return look();
  } catch (why) {
    throw why instanceof Refused ? new RefusedWithin(part, why) : why;
  }
}

/** As {@link within}, for what has to be waited for. */
export async function withinAsync<T>(part: Part, look: () => Promise<T>): Promise<T> {
  try {
    return await look();
  } catch (why) {
    throw why instanceof Refused ? new RefusedWithin(part, why) : why;
  }
}

/** A refusal in a page's words: `word` gives a sentence with {name} where a value stands, or nothing. */
export function say(why: Refused, word: (key: string) => string | undefined): string {
  if (why instanceof RefusedWithin) {
    return (word(`within-${why.part}`) ?? `${WITHIN[why.part]}: {why}`).replace("{why}", () => say(why.why, word));
  }
  const sentence = word(`refused-${why.code}`);
  return sentence === undefined ? why.message : fill(sentence, why.about);
}
