// Somebody with WeChat on their phone: the built package in the host, found by its words as `Person` finds them.

import assert from "node:assert/strict";
import { Person } from "../../tests/browser/person.mjs";
import { pack } from "../build.mjs";
import { serve } from "../host/serve.mjs";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/// The package bound to this demo, served by the host. `proxy`: where its requests go first.
export async function install(demo, { proxy } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "mifeng-mini-"));
  const { portal } = demo.addresses;
  const config = { origin: portal, portal, pins: [demo.recipient_set_fingerprint], log_key: demo.log_key };
  await pack({ config, out: folder });
  const host = await serve({ folder, allowed: [portal], proxy });
  return { ...host, folder, stop: async () => (await host.stop(), rmSync(folder, { recursive: true })) };
}

/// All that is asked for. What names a region, a report or a file of one stays out of addresses, which WeChat's network stack
/// may write down; an upload's number is made for it and kept nowhere,
/// and so is the place in it.
const ADDRESSES = /^\/(api\/v1\/(service|regions|recipients|drafts|visits|reports|reports\/kept|report(\/[a-z-]+)?|report\/attached\/removal|report\/files\/[0-9a-z]+(\/finish|\?at=\d+)?)|log\/[\w./-]+)$/;

export class Phone extends Person {
  static async at(browser, host, { lang = "zh", width = 390, look = async () => {} } = {}) {
    const phone = Object.assign(new Phone(), await Person.at(browser, { lang, width, script: true }));
    phone.host = host;
    phone.look = look;
    phone.said = [];
    phone.page.on("pageerror", (why) => phone.said.push(why.message));
    phone.page.on("console", (message) => message.type() === "error" && phone.said.push(message.text()));
    await phone.launch();
    return phone;
  }

  /// WeChat opens the mini-program.
  async launch() {
    await this.page.goto(this.host.address);
    await this.page.waitForFunction(() => globalThis.host?.ready);
  }

  /// The page in front.
  get front() {
    return this.page.locator("page:not([hidden])");
  }

  text() {
    return this.front.innerText();
  }

  click(key, values) {
    return this.front.getByRole("button", { name: this.exactly(key, values) }).first().click();
  }

  async press(key, values) {
    await this.click(key, values);
  }

  async comesTo(key, values) {
    await this.front.getByRole("heading", { name: this.exactly(key, values) }).first().waitFor();
    await this.look(this);
  }

  /// On a tab of the bar below.
  async tab(key) {
    await this.page.locator("#tabs").getByRole("button", { name: this.exactly(key) }).click();
  }

  field(key, values) {
    return this.front.getByLabel(this.label(key, values)).first();
  }

  async choose(key, values) {
    await this.field(key, values).click();
  }

  async option(name) {
    await this.front.getByLabel(name, { exact: true }).first().click();
  }

  told(key, values) {
    return this.front.getByRole("alert").filter({ hasText: new RegExp(this.words(key, values)) }).first().waitFor();
  }

  /// The button on top of every page: everything is forgotten and the mini-program closes.
  async leave() {
    await this.front.locator(".leave").click();
    await this.page.waitForFunction(() => host.closed);
  }

  async back() {
    await this.page.locator("#back").click();
  }

  /// Nothing went wrong, and nothing was asked of WeChat that the host does not know.
  async sound() {
    const host = await this.page.evaluate(() => ({ failed: host.failed, warned: host.warned, missing: host.missing }));
    assert.deepEqual({ ...host, said: this.said }, { failed: [], warned: [], missing: [], said: [] });
    assert.deepEqual(this.host.refused, []);
    assert.deepEqual(this.host.exchanges.map(({ path }) => path).filter((path) => !ADDRESSES.test(path)), []);
  }
}
