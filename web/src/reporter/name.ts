// The page of the first question. Its answer stays on the device: the form says "device" in its place, whichever of the
// page's buttons sends it. The page that seals takes it from there. This script is not deferred, so that it listens before
// there is a button to press.

import { type Choice, forgetChoice, recall, remember } from "./choice.ts";
import { onLeave } from "./leave.ts";

/** Stands in the form for the answer. */
const standIn = document.createElement("input");
standIn.type = "hidden";
standIn.name = "name";
standIn.value = "device";

document.addEventListener("submit", (event) => keepHere(event.target as HTMLFormElement), true);
document.addEventListener("DOMContentLoaded", () => {
  showAgain();
  onLeave(() => {
    forgetChoice();
    clear();
  });
});
// A page the browser keeps for "back" shows no answer that was sent or left meanwhile.
addEventListener("pagehide", clear);
addEventListener("pageshow", (event) => {
  if (event.persisted) showAgain();
});

function keepHere(form: HTMLFormElement): void {
  const all = answers();
  const chosen = all.find((answer) => answer.checked);
  // Out of every form, before anything else can go wrong: what belongs to none is in no request.
  for (const answer of all) answer.setAttribute("form", "nowhere");
  standIn.remove();
  // The server says what is missing.
  if (chosen === undefined) return;
  form.append(standIn);
  remember(mark(), chosen.value as Choice);
}

function showAgain(): void {
  const choice = recall(mark());
  if (choice === null) return;
  for (const answer of answers()) answer.checked = answer.value === choice;
}

function clear(): void {
  for (const answer of answers()) answer.checked = false;
}

function answers(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>('input[type="radio"][name="name"]')];
}

function mark(): string {
  return document.getElementById("step")?.dataset.mark ?? "";
}
