// Seals one report's person (or nobody) and its files key, and splits both locks: as `src/cleartext/seal.rs`.

import { sealPadded } from "./agefile.ts";
import { drawAgeKey } from "./agekeys.ts";
import { concat, json, toBase64, toPaddedBase64, wipe } from "./bytes.ts";
import { BUCKET, checkEnvelope, envelopeHash, lockSection, type SectionName } from "./envelope.ts";
import type { FilesSection, IdentitySection, Person } from "./person.ts";
import type { Random } from "./random.ts";
import { officeRecipients, type RecipientSet } from "./recipients.ts";
import { sealShareFile } from "./sharefile.ts";
import { split } from "./shares.ts";
import { sha256 } from "./transcript.ts";

/** What every sealed byte of a report is bound to. */
export interface Binding {
  /** The report id's 32 hexadecimal digits. */
  report: string;
  /** 32 B, from the receipt. */
  auditKey: Uint8Array;
  /** 32 B, the public half of the receipt's claim key. */
  claimKey: Uint8Array;
  set: RecipientSet;
}

/** Everything sealed that one submission, or one later addition, carries. The same shape for everybody. */
export interface SealedReport {
  envelope: Uint8Array;
  /** One a trustee, in the set's order. */
  shareFiles: Uint8Array[];
  /** age recipient of the per-report files key, whose secret lies in the files section. */
  filesRecipient: string;
  setNumber: number;
}

/** As it travels: the JSON of Rust's `SealedReport`. */
export interface SealedReportJson {
  envelope: string;
  share_files: string[];
  files_recipient: string;
  set_number: number;
}

/** `person` null: nobody, in an envelope of the same size. All arrays drawn here are wiped on return. */
export async function sealReport(person: Person | null, binding: Binding, random: Random): Promise<SealedReport> {
  const filesKey = drawAgeKey(random);
  const identity: IdentitySection = { format: 1, sealed_by: "device", person };
  const files: FilesSection = { format: 1, files_key: filesKey.identity };
  const lockL = random(32);
  const lockF = random(32);
  try {
    const envelope = concat(
      await sealSection("identity", identity, lockL, binding, random),
      await sealSection("files", files, lockF, binding, random),
    );
    const shareFiles = await sealShares(checkEnvelope(envelope), lockL, lockF, binding, random);
    return { envelope, shareFiles, filesRecipient: filesKey.recipient, setNumber: binding.set.number };
  } finally {
    wipe(lockL, lockF);
  }
}

export function sealedReportJson(sealed: SealedReport): SealedReportJson {
  return {
    envelope: toPaddedBase64(sealed.envelope),
    share_files: sealed.shareFiles.map(toPaddedBase64),
    files_recipient: sealed.filesRecipient,
    set_number: sealed.setNumber,
  };
}

async function sealSection(
  name: SectionName,
  value: IdentitySection | FilesSection,
  lock: Uint8Array,
  { set, report }: Binding,
  random: Random,
): Promise<Uint8Array> {
  const plain = json(value);
  try {
    const padded = await sealPadded(plain, officeRecipients(set), BUCKET[name], random);
    return lockSection(name, padded, lock, set.instance, report, random);
  } finally {
    wipe(plain);
  }
}

async function sealShares(
  envelope: Uint8Array,
  lockL: Uint8Array,
  lockF: Uint8Array,
  { set, report, auditKey, claimKey }: Binding,
  random: Random,
): Promise<Uint8Array[]> {
  const n = set.trustees.length;
  const sharesL = await split(lockL, set.threshold, n);
  const sharesF = await split(lockF, set.threshold, n);
  const hashes = (shares: Uint8Array[]) => shares.map((share) => toBase64(sha256(share)));
  const common = {
    format: 1 as const,
    instance: set.instance,
    report,
    envelope_sha256: toBase64(envelopeHash(envelope)),
    audit_key: toBase64(auditKey),
    claim_key: toBase64(claimKey),
    set_number: set.number,
  };
  const [hashes_l, hashes_f] = [hashes(sharesL), hashes(sharesF)];
  const one = (trustee: { recipient: string }, i: number) => {
    const shares = { share_l: toBase64(sharesL[i]!), share_f: toBase64(sharesF[i]!), hashes_l, hashes_f };
    return sealShareFile({ ...common, trustee: i + 1, ...shares }, trustee.recipient, random);
  };
  try {
    return await Promise.all(set.trustees.map(one));
  } finally {
    wipe(...sharesL, ...sharesF);
  }
}
