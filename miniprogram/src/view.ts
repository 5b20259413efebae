// "My report" as the service gives it, and what is done to it: the shapes are the portal's.

import { API } from "./service.ts";
import type { View as PortalView } from "../../web/src/reporter/mine.ts";

export interface SentFile {
  blob: string;
  size: string;
  label: string;
}

export interface Message {
  own: boolean;
  day: string;
  text: string;
  sealed: string | null;
  file: SentFile | null;
}

export interface View {
  once: string;
  report: string;
  version: string;
  status: string;
  next: string[];
  reply: { day: string; findings: string; handling: string; reward: string } | null;
  reward: string;
  claim: { terms: string; until: string; how: string[] } | null;
  /** The award is not paid, and its reporter can object to that. */
  can_object_award: boolean;
  /** What the authority sends about the report: listed here, had in a browser. */
  documents: { id: string; title: string; day: string }[];
  messages: Message[];
  can_add: boolean;
  files: string;
  attached: { blob: string; name: string; size: string; kept: string }[];
  history: { day: string; what: string; told: string }[];
  content: [string, string][];
  log: string[];
  can_withdraw: boolean;
  can_object: boolean;
  /** An original that was asked for: what the reporter is told, and whether it can be stopped. */
  original: PortalView["original"];
  delete: string[];
  /** Deletion was asked for, and staff are to decide. */
  deletion_waits: boolean;
}

export const REPORT = `${API}/report`;
