// Many people report at once: a newcomer's place is kept, with script and without, on the smallest phone. The server is told to
// be under pressure (MIFENG_PRESSURE=always), as for a drill.

import assert from "node:assert/strict";
import { test } from "node:test";
import { watch } from "./checks.mjs";
import { Person } from "./person.mjs";
import { agree, answer } from "./reporter.mjs";
import { browser, look, portal, stage } from "./stage.mjs";
import { path } from "./world.mjs";

stage({ demo: { more: { MIFENG_PRESSURE: "always" } } });

for (const lang of ["zh", "en"]) {
  test(`without script the page goes on by itself, or stays if the reader wants that, in ${lang}`, async () => {
    // Pages are looked at where they stand still: a place comes up within seconds.
    const person = await Person.at(browser, { lang, width: 320 });
    const { page } = person;
    const problems = watch(page, [portal]);
    await person.open(`${portal}/${lang}/agree`);
    await person.press("agree-next");
    assert.equal(path(page), `/${lang}/wait`);
    await person.sees("wait-seconds");
    await person.sees("wait-nothing-lost");
    await person.sees("wait-danger", { phone: 12350 });
    await page.getByRole("heading", { name: person.exactly("wait-ready-title") }).waitFor();
    await look(page);
    await person.press("wait-ready-go");
    assert.equal(path(page), `/${lang}/name`);
    await person.choose("name-nameless");
    await person.press("continue");
    await answer(person);
    assert.equal(path(page), `/${lang}/seal`, "and nothing holds the report back afterwards");

    const still = await Person.at(browser, { lang, width: 320 });
    await still.open(`${portal}/${lang}/agree`);
    await still.press("agree-next");
    await still.follow("wait-still");
    await still.sees("wait-still-text");
    // Pressed too early, it says how long it still takes.
    await still.press("wait-look");
    await still.sees("wait-seconds");
    await look(still.page);
    assert.deepEqual(problems.filter((problem) => !problem.startsWith("script ")), []);
    await still.close();
    await person.close();
  });

  test(`with script a small piece of work shortens the wait, in ${lang}`, async () => {
    // Nothing looks on meanwhile: that takes longer than the work.
    const person = await Person.at(browser, { lang, width: 320, script: true });
    const { page } = person;
    const failed = [];
    page.on("pageerror", (why) => failed.push(why.message));
    page.on("console", (message) => message.type() === "error" && failed.push(message.text()));
    const worked = page.waitForRequest((request) => request.method() === "POST" && !!request.postData()?.includes("work="));
    await agree(person, portal);
    await worked;
    await page.getByRole("heading", { name: person.exactly("name-title") }).waitFor();
    assert.equal(path(page), `/${lang}/name`);
    assert.deepEqual(failed, []);
    await person.close();
  });
}

test("where the script gives no answer the page waits as it does without it", async () => {
  const person = await Person.at(browser, { lang: "zh", width: 320, look, script: true });
  const { page } = person;
  await page.route("**/assets/reporter-wait-*", (route) => route.abort());
  await person.open(`${portal}/zh/agree`);
  await person.press("agree-next");
  await page.getByRole("heading", { name: person.exactly("wait-ready-title") }).waitFor();
  await person.press("wait-ready-go");
  assert.equal(path(page), "/zh/name");
  await person.close();
});
