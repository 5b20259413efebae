// A demo, a browser and the mini-program in it, for a file of tests: what a reporter in WeChat does is told in `reporter.mjs`.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before } from "node:test";
import { REPORT } from "../../tests/browser/reporter.mjs";
import { launch, startDemo } from "../../tests/browser/world.mjs";
import { install, Phone } from "./phone.mjs";
import { putAway, send, toCheck } from "./reporter.mjs";

export let world, browser, host, folder;
/** To be called by a file of tests, before its first. */
export function stage() {
  before(async () => {
    [world, browser] = await Promise.all([startDemo(), launch()]);
    host = await install(world.demo);
    folder = mkdtempSync(join(tmpdir(), "mifeng-mini-acts-"));
  });
  after(async () => {
    await browser?.close();
    await host?.stop();
    await world?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });
}

export const unseen = async () => {};
export const phone = (options = {}) => Phone.at(browser, host, { look: unseen, ...options });
export const says = (person, key, values) => person.front.getByText(new RegExp(person.words(key, values))).first().waitFor();

/** Somebody who has sent a report about this target, back at "my report". */
export async function reported(target, options) {
  const person = await phone(options);
  await toCheck(person, { report: { ...REPORT, target } });
  person.code = await send(person);
  await putAway(person, person.code);
  await person.click("files-finish");
  await person.comesTo("mine-sign-title");
  await person.fill("mine-receipt", person.code);
  await person.click("mine-sign-go");
  await person.comesTo("mine-title");
  return person;
}

/** The next request to `path` gets no answer; with `arrives` the service has had it. */
export async function breakLine(person, path, { arrives }) {
  let done = false;
  await person.page.route("**/native/request", async (route) => {
    if (done || !route.request().headers()["x-url"].endsWith(path)) return route.fallback();
    done = true;
    if (arrives) await route.fetch();
    await route.fulfill({ status: 200, headers: { "x-failed": "fail" } });
  });
}
