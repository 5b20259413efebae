// While many people report at once: a small piece of work instead of waiting. It takes turns with the page, which stays
// usable; a worker would need an address that becomes code, and the page allows none.

import { byId, slot } from "./dom.ts";
import { onLeave } from "./leave.ts";
import { type Challenge, solve } from "../core/work.ts";

type Config = { challenge: Challenge; agree: string; going: string };

/** Between two slices the page answers fingers and screen readers. */
const breathe = () => new Promise<void>((on) => setTimeout(on, 0));

async function main(): Promise<void> {
  const box = byId("work");
  const config = JSON.parse(box.dataset.config ?? "") as Config;
  const status = slot(box, "said");
  let left = false;
  onLeave(() => (left = true));
  status.replaceChildren(...byId<HTMLTemplateElement>("t-working").content.querySelector("p")!.cloneNode(true).childNodes);
  const work = await solve(config.challenge, breathe, () => left);
  // Without an answer the page waits, as it does without script.
  if (work === undefined) return;
  status.textContent = config.going;
  const form = document.createElement("form");
  form.method = "post";
  form.action = config.agree;
  for (const [name, value] of [["work", work], ["place", new URLSearchParams(location.search).get("place") ?? ""]] as const) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}

void main();
