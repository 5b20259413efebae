// Every page a link leads to, for whoever reports, looks after the service or holds a key, in both languages: sound, and open
// to nobody else.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Person } from "./person.mjs";
import { browser, look, stage, world } from "./stage.mjs";
import { LANGS, staffPages, walk } from "./walk.mjs";

stage();

test("the portal's pages that need no visit", async () => {
  const person = await Person.at(browser, { width: 320 });
  const met = await walk(person, world.demo.addresses.portal);
  for (const lang of LANGS) {
    for (const page of ["start", "before", "agree", "help", "kept", "figures", "notices", "mine"]) {
      assert.ok([...met.keys()].some((kind) => kind.startsWith(`/${lang}/${page}?`)), `${lang}/${page} was not met: ${[...met.keys()]}`);
    }
  }
});

staffPages("trustee1", "auditor", "leader", "admin", "officer");

test("a reporter's own pages, in both languages", async () => {
  for (const { receipt } of world.demo.receipts) {
    for (const lang of LANGS) {
      const person = await Person.at(browser, { lang, width: 320, look });
      const { portal } = world.demo.addresses;
      await person.open(`${portal}/${lang}/mine`);
      await person.fill("mine-receipt", receipt);
      await person.press("mine-sign-go");
      assert.equal(await person.page.locator(".status").count(), 1);
      for (const page of ["files", "mine/withdraw", "mine/retaliation", "mine/delete", "mine/claim"]) await person.open(`${portal}/${lang}/${page}`);
      await person.close();
    }
  }
});

test("pages that are not there say so and lead on", async () => {
  for (const [face, start] of Object.entries(world.demo.addresses)) {
    for (const lang of LANGS) {
      const person = await Person.at(browser, { lang, width: 320, look });
      await person.open(`${start}/${lang}/no-such-page`);
      assert.ok(await person.page.locator("main a").count() > 0, `${face} leads nowhere`);
      await person.close();
    }
  }
});
