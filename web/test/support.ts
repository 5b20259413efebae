// Where the repository is, and what its frozen vectors hold.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../src/core/transcript.ts";
import { concat, u32 } from "../src/core/bytes.ts";
import type { Random } from "../src/core/random.ts";
import type { UntrustedSet } from "../src/core/recipients.ts";
import type { SealedReportJson } from "../src/core/seal.ts";

/** Put in by `run.mjs`. */
declare const REPOSITORY: string;

export function vector(name: string): Buffer {
  return readFileSync(join(REPOSITORY, "tests/vectors", name));
}

export function policyText(name: string): string {
  return readFileSync(join(REPOSITORY, "policy", name), "utf8");
}

export interface FrozenReport {
  set: UntrustedSet;
  report: string;
  receipt: string;
  audit_key: string;
  mailbox: string;
  claim_key: string;
  office_key: string;
  /** age key and signing key of each trustee. */
  trustee_keys: [string, string][];
  sealed: SealedReportJson;
  person_name: string;
}

export function frozenReport(): FrozenReport {
  return JSON.parse(vector("sealed-report-v1.json").toString()) as FrozenReport;
}

/** The same bytes in every run. */
export function repeatable(seed: number): Random {
  let count = 0;
  let left = new Uint8Array();
  return (bytes) => {
    while (left.length < bytes) left = concat(left, sha256(concat(u32(seed), u32(count++)))) as typeof left;
    const out = left.slice(0, bytes);
    left = left.slice(bytes);
    return out;
  };
}
