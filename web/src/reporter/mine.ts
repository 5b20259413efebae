// What the page "my report" is given by the server.

import type { AskedWords } from "../core/asked.ts";
import type { Field, Limits } from "../core/identity.ts";
import type { RecipientSet } from "../core/recipients.ts";
import { byId, Wording, type Words } from "./dom.ts";
import { recipientSet } from "./sealing.ts";

interface Config {
  pin: string;
  limits: Limits;
  person: Field[];
  recipients: string;
  sign_in: string;
  own_receipt: string;
  look: string;
  add: string;
  claim: string;
  withdraw: string;
  earlier: string;
  object: string;
  object_award: string;
  original: string;
  retaliation: string;
  delete: string;
  sign_out: string;
  live: string;
  /** Without use for so long, the page forgets the code. */
  idle_minutes: number;
  /** The log's verifying key. */
  log_key: string;
  words: Words;
}

export const config = JSON.parse(byId("stage").dataset.config ?? "{}") as Config;
export const words = new Wording(config.words);

export interface Message {
  own: boolean;
  day: string;
  /** The reporter's own words; ours about it where it is sealed. */
  text: string;
  /** Ours, sealed to the receipt's mailbox: base64 of the frame. */
  sealed: string | null;
  file: SentFile | null;
}

/** A file of ours. What it is called, and how long it is, is inside the label. */
export interface SentFile {
  blob: string;
  /** About how large, in words. */
  size: string;
  /** Sealed as a message is. */
  label: string;
  /** Where the sealed file is, and where the age file inside it is. */
  sealed: string;
  age: string;
}

/** What the authority sends about the report. */
export interface Issued {
  title: string;
  day: string;
  /** Where the PDF is. */
  pdf: string;
}

/** An award that can be claimed. */
export interface Offer {
  /** What the claim's signature stands over: the award's terms as the approvers signed them, as JSON. */
  terms: string;
  until: string;
  how: string[];
}

/** What the log must say of it, too; see `askedDigest`. */
interface Asked extends Omit<AskedWords, "original"> {
  /** In hexadecimal. */
  original: string;
  terms: string;
}

/** The report as the server may show it: in the page's language, without a word about a person. */
export interface View {
  once: string;
  report: string;
  version: string;
  status: string;
  next: string[];
  reply: { day: string; findings: string; handling: string; reward: string } | null;
  reward: string;
  claim: Offer | null;
  /** The award is not paid, and its reporter can object to that. */
  can_object_award: boolean;
  documents: Issued[];
  messages: Message[];
  can_add: boolean;
  files: string;
  history: { day: string; what: string; told: string }[];
  content: [string, string][];
  log: string[];
  can_withdraw: boolean;
  can_object: boolean;
  /** An original that was asked for: what the reporter is told, and whether it can be stopped. */
  original: (Asked & { lines: string[]; can_stop: boolean }) | null;
  /** What deleting the report means now; nothing: it cannot be asked for. */
  delete: string[];
  /** Deletion was asked for, and staff are to decide. */
  deletion_waits: boolean;
}

let set: RecipientSet | undefined;

/** The set everything sent from this page is sealed to; fetched and checked once. */
export async function recipients(): Promise<RecipientSet> {
  set ??= await recipientSet(config.recipients, config.pin);
  return set;
}
