// The public log, read whole on this phone.

import type { Receipt } from "../../web/src/core/receipt.ts";
import { scan } from "../../web/src/reporter/scanning.ts";
import { config } from "./config.ts";
import { recipients } from "./service.ts";
import type { View } from "./view.ts";
import { words } from "./words.ts";

/** The sentences about this report; nothing if the reading did not come to an end, which `now` says. */
export async function scanLog(receipt: Receipt, asked: View["original"], now: (sentence: string) => void): Promise<string[] | undefined> {
  const pin = await recipients().then((set) => set.fingerprint, () => undefined);
  if (pin === undefined) return void now(words.say("device-offline"));
  const { told, failed } = await scan(receipt, asked, config.log_key, pin, words, now);
  now(failed ?? "");
  return told;
}
