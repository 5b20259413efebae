// What a reporter's first visit weighs, and when its pages can be used on a slow phone: npm run visit
// A phone of 390 px with a processor six times slower than this one, on a line of 1.6 Mbit/s with 150 ms of delay
// (what browsers call "slow 4G"). Starts a demo of its own; needs the debug build, Chromium and tests/browser's packages.

import { loadavg } from "node:os";
import { agree, answer } from "../../tests/browser/reporter.mjs";
import { Person } from "../../tests/browser/person.mjs";
import { launch, startDemo } from "../../tests/browser/world.mjs";

const SLOWER = 6;
const LINE = { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 };

const [world, browser] = await Promise.all([startDemo(), launch()]);
try {
  const portal = world.demo.addresses.portal;
  const person = await Person.at(browser, { lang: "zh", width: 390 });
  await person.close();
  const context = await browser.newContext({ viewport: { width: 390, height: 800 }, locale: "zh-CN" });
  person.page = await context.newPage();
  const devtools = await context.newCDPSession(person.page);
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", LINE);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  let [bytes, requests] = [0, 0];
  devtools.on("Network.loadingFinished", (done) => {
    bytes += done.encodedDataLength;
    requests += 1;
  });
  const rows = [];
  const weigh = (what) => {
    rows.push([what, `${(bytes / 1000).toFixed(1)} kB`, requests]);
    [bytes, requests] = [0, 0];
  };

  await agree(person, portal);
  await person.choose("name-sealed");
  await person.press("continue");
  await answer(person);
  await person.page.locator("#person-name").waitFor();
  weigh("start to the page that seals, script and stylesheet included");

  // Again, alone and with nothing kept by the browser.
  await devtools.send("Network.clearBrowserCache");
  await person.page.reload({ waitUntil: "commit" });
  await person.page.locator("#person-name").waitFor();
  const usable = await person.page.evaluate(() => performance.now());
  const readable = await person.page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  weigh("the page that seals by itself");

  await person.fill("identity-name", "赵试验");
  await person.page.locator("#id-kind").selectOption("resident");
  await person.fill("identity-id-number", "11010519491231002X");
  await person.fill("identity-mobile", "13800138000");
  await person.page.locator("#payee").selectOption("person");
  await person.page.locator("#own").selectOption("yes");
  await person.choose("identity-consent");
  await person.press("continue");
  const pressed = await person.page.evaluate(() => performance.now());
  await person.press("check-send");
  await person.page.locator(".receipt span").first().waitFor();
  const sealed = (await person.page.evaluate(() => performance.now())) - pressed;
  weigh("sealing and sending (downloads only)");

  console.log(`load average ${loadavg()[0].toFixed(1)}; processor ${SLOWER} times slowed, 1.6 Mbit/s, 150 ms\n`);
  console.log("| what | bytes received | requests |\n|---|---|---|");
  for (const row of rows) console.log(`| ${row.join(" | ")} |`);
  const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
  console.log(`\npage that seals, nothing kept: readable after ${seconds(readable)}, fields usable after ${seconds(usable)}`);
  console.log(`from "send" to the receipt: ${seconds(sealed)}`);
} finally {
  await browser.close();
  await world.stop();
}
