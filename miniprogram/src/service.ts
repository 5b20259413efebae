// What the service says of itself, its regions and its keys. Policy stays with the service: nothing of it is copied here.

import { pinned, type RecipientSet, type UntrustedSet } from "../../web/src/core/recipients.ts";
import { Refused } from "../../web/src/core/refused.ts";
import type { Length, Limits } from "../../web/src/core/identity.ts";
import { get } from "../../web/src/reporter/ask.ts";
import type { Types } from "../../web/src/reporter/upload.ts";
import { config } from "./config.ts";
import { language, type Lang } from "./language.ts";

export const API = "/api/v1";

export interface Coded {
  code: string;
  name: string;
}

export interface Service {
  name: string;
  instance: string;
  hotline: string;
  rewards: boolean;
  draft_idle_minutes: number;
  notice: { scope: string[]; rights: string[]; duties: string[]; anonymous: string[] };
  kinds: (Coded & { hint: string })[];
  industries: Coded[];
  out_of_scope: (Coded & { department: string })[];
  not_accepted: string[];
  limits: Limits & Record<"target" | "credit_code" | "address" | "narrative" | "when" | "message", Length>;
  attachments: { most: number; types: { media_type: string; name: string; endings: string[]; most_bytes: number; cleaned: boolean }[] };
  /** Months after which the keys of what was sent are destroyed. */
  retention: { open: number; closed: number; not_accepted: number; withdrawn: number; award: number };
}

const known: Partial<Record<Lang, Promise<Service>>> = {};
let set: Promise<RecipientSet> | undefined;

export function service(): Promise<Service> {
  const lang = language();
  const asked = (known[lang] ??= get<Service>(`${API}/service`));
  // What did not come is asked for again.
  asked.catch(() => delete known[lang]);
  return asked;
}

/** The service has another set now, or the reporter has left. */
export function forgetSet(): void {
  set = undefined;
}

/** The set everything is sealed to: believed only if it is one this package is bound to. */
export function recipients(): Promise<RecipientSet> {
  const asked = (set ??= get<UntrustedSet>(`${API}/recipients`).then(believed));
  asked.catch(() => set === asked && forgetSet());
  return asked;
}

function believed(untrusted: UntrustedSet): RecipientSet {
  let why: unknown = new Refused("set-not-the-pinned-one", "this package is bound to no set");
  for (const pin of config.pins) {
    try {
      return pinned(untrusted, pin);
    } catch (refused) {
      why = refused;
    }
  }
  throw why;
}

export interface Region extends Coded {
  /** The region it lies directly in. */
  parent: string | null;
}

let list: Promise<Region[]> | undefined;

/** All there are, by code: which one the reporter looks at stays on this phone. */
export function regions(): Promise<Region[]> {
  const asked = (list ??= get<Region[]>(`${API}/regions`));
  asked.catch(() => (list = undefined));
  return asked;
}

export function fileTypes({ attachments }: Service): Types {
  return Object.fromEntries(attachments.types.map((one) => [one.media_type, { most: one.most_bytes, copied: one.cleaned }]));
}
