// Pages that hold nothing of anybody's: what WeChat sees, what is kept, help. The portal's words, and its policy's figures.

import { config } from "./config.ts";
import { keptReceipts } from "./kept.ts";
import { recipients, service } from "./service.ts";
import { drafts } from "./state.ts";
import { words } from "./words.ts";

export interface Part {
  n: number;
  kind: "title" | "item" | "text" | "address";
  text: string;
}

export const TEXTS = ["wechat", "kept", "help", "out"] as const;
export type Text = (typeof TEXTS)[number];

const TITLES: Record<Text, string> = { wechat: "mini-sees-title", kept: "kept-title", help: "help-title", out: "out-title" };

export const titleOf = (of: Text): string => words.say(TITLES[of]);

export async function partsOf(of: Text): Promise<Part[]> {
  const made = of === "kept" ? await kept() : of === "help" ? await help() : of === "wechat" ? wechat() : out();
  return made.map((part, n) => ({ n, ...part }));
}

type Bare = Omit<Part, "n">;
type Values = Record<string, string | number>;

const title = (key: string): Bare => ({ kind: "title", text: words.say(key) });
const item = (key: string, values: Values = {}): Bare => ({ kind: "item", text: words.say(key, values) });
const text = (key: string, values: Values = {}): Bare => ({ kind: "text", text: words.say(key, values) });

function wechat(): Bare[] {
  return [
    text("mini-sees-lead"),
    title("mini-sees-yes"), ...[1, 2, 3, 4, 5].map((n) => item(`mini-sees-yes-${n}`)),
    title("mini-sees-no"), ...[1, 2, 3].map((n) => item(`mini-sees-no-${n}`)),
    title("mini-sees-instead"), text("mini-sees-instead-text"), { kind: "address", text: config.portal },
  ];
}

function out(): Bare[] {
  const remembered = keptReceipts.all().length;
  return [text("mini-out"), ...(remembered > 0 ? [text("mini-out-kept", { count: remembered })] : []), ...(drafts() ? [text("mini-out-draft")] : [])];
}

async function kept(): Promise<Bare[]> {
  const [{ retention }, { threshold }] = await Promise.all([service(), recipients()]);
  const long = (key: string, months: number) => item(`kept-long-${key}`, { months });
  return [
    title("kept-saved"), ...[1, 2, 3, 4, 5].map((n) => item(`kept-saved-${n}`)),
    title("kept-not"), item("kept-not-1"), item("kept-not-2"), item("mini-kept-not"),
    title("kept-long"),
    long("open", retention.open), long("closed", retention.closed), long("not-accepted", retention.not_accepted),
    long("withdrawn", retention.withdrawn), long("award", retention.award),
    text("kept-long-how"), text("kept-long-backup", { months: retention.open }), text("kept-long-log"),
    title("kept-rights"), ...["see", "correct", "delete"].map((key) => item(`kept-rights-${key}`)),
    title("kept-cannot"), item("kept-cannot-2"), item("kept-cannot-3"), item("kept-cannot-4", { trustees: threshold }),
  ];
}

async function help(): Promise<Bare[]> {
  const [{ hotline }, { threshold }] = await Promise.all([service(), recipients()]);
  return [
    title("help-danger-title"), text("help-danger-text"),
    title("help-phone-title"), text("help-phone-text", { phone: hotline }),
    title("help-code-title"), text("help-code-text"),
    title("help-name-title"), text("help-name-text", { trustees: threshold }),
  ];
}
