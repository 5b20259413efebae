// What is said when something does not go as it should: the service's own sentence, or ours. Nothing was lost.

import { Refused, Unreachable } from "../../web/src/reporter/ask.ts";
import { Unsure } from "../../web/src/reporter/outgoing.ts";
import { distrusted, tooLong } from "../../web/src/reporter/sealing.ts";
import { Elsewhere } from "./mine.ts";
import { Left } from "./left.ts";
import { state } from "./state.ts";
import { words } from "./words.ts";

export function trouble(why: unknown): string[] {
  if (why instanceof Left) return [];
  if (tooLong(why)) return [words.say("error-identity-long")];
  if (why instanceof Elsewhere) return [words.say("signed-out-title"), words.say("signed-out-text")];
  if (why instanceof Refused && why.status === 401) return [words.say("signed-out-title"), words.say("mini-visit-over")];
  if (why instanceof Unsure) return [words.say("device-unsure")];
  // Some server in between has no words for it.
  if (why instanceof Refused && why.title !== "") return [why.title, why.detail];
  if (why instanceof Unreachable) return [words.say("device-offline")];
  if (distrusted(why)) return [words.say("device-set-refused"), words.say("device-nothing-sent")];
  if ((why as { code?: string }).code === "no-randomness") return [words.say("mini-no-randomness"), words.say("device-nothing-sent")];
  return [words.say(state.pending === null ? "device-server" : "device-unsure")];
}

/** The visit is over: 401 where the token is not known any more, 410 where the service says so itself. */
export function isOver(why: unknown): boolean {
  return why instanceof Refused && (why.status === 401 || why.status === 410);
}
