// Holders at their own screens, with script.

import { words } from "./words.mjs";

/// What a first use asks to be read off the poster: a slip first, then as it is.
export async function compare(person, demo, { log = true } = {}) {
  const groups = demo.recipient_set_fingerprint.split("-");
  await person.comesTo("holder-pin-title");
  await person.reads(demo.recipient_set_fingerprint);
  await person.fill("holder-pin-first", "0000");
  await person.fill("holder-pin-last", groups[15]);
  if (log) await person.fill("holder-pin-log-digits", demo.log_key.split("+")[1]);
  await person.click("holder-pin-go");
  await person.told("holder-say-pin-differs");
  await person.look(person.page);
  await person.fill("holder-pin-first", groups[0]);
  await person.click("holder-pin-go");
}

/// After the request was checked.
export async function give(trustee) {
  await trustee.comesTo("holder-give-review");
  await trustee.fill("holder-give-field", words(trustee.lang, "holder-say-give-word"));
  await trustee.click("holder-give-go");
  await trustee.page.getByRole("status").waitFor();
  await trustee.sees("release-done");
}

/// What the office is asked about the person, and what an ordinary case answers.
export const QUESTIONS = [["holder-say-ask-matches", true], ["holder-say-ask-excluded", false]];

/// Yes or no to each question as it comes.
export async function answerAll(officer, answers) {
  for (const [key, yes] of answers) {
    await officer.page.getByText(new RegExp(words(officer.lang, key))).waitFor();
    await officer.look(officer.page);
    await officer.click(yes ? "holder-yes" : "holder-no");
  }
  if (await officer.page.getByText(new RegExp(words(officer.lang, "holder-say-ask-insider"))).count() > 0) await officer.click("holder-no");
}

/// From the office's page to the moment before a name is shown.
export async function toReady(officer, demo, { file, first = false, key = demo.keys.office }) {
  await officer.open(`${demo.addresses.office}/${officer.lang}/open`);
  await officer.field("holder-open-package").setInputFiles(file);
  await officer.field("holder-key-file").setInputFiles(key);
  await officer.click("holder-open-check");
  if (first) await compare(officer, demo, { log: false });
  await officer.comesTo("holder-open-ready");
}
