// Somebody at a screen: finds everything by the words on it.

import assert from "node:assert/strict";
import { visitor } from "./world.mjs";
import { words } from "./words.mjs";

export class Person {
  /// `look(page)` is called on every page this person comes to.
  static async at(browser, { lang = "zh", width = 1280, look = async () => {}, script = false } = {}) {
    const locale = lang === "zh" ? "zh-CN" : "en-GB";
    const person = new Person();
    person.page = await visitor(browser, { viewport: { width, height: 800 }, locale, javaScriptEnabled: script });
    person.lang = lang;
    person.look = look;
    return person;
  }

  async open(address) {
    await this.page.goto(address);
    await this.look(this.page);
  }

  async follow(key, values) {
    await this.page.getByRole("link", { name: this.exactly(key, values) }).first().click();
    await this.look(this.page);
  }

  async press(key, values) {
    await this.page.getByRole("button", { name: this.exactly(key, values) }).first().click();
    await this.look(this.page);
  }

  /// Presses a button whose page changes by script, in its own time: `comesTo` or `told` waits for that.
  click(key, values) {
    return this.page.getByRole("button", { name: this.exactly(key, values) }).first().click();
  }

  /// Waits for the step of a page with script that has this heading, then looks at it.
  async comesTo(key, values) {
    await this.page.getByRole("heading", { name: this.exactly(key, values) }).waitFor();
    await this.look(this.page);
  }

  /// Waits until the page says this at once, in a box on top or at a field.
  told(key, values) {
    const sentence = new RegExp(words(this.lang, key, values));
    return this.page.getByRole("alert").filter({ hasText: sentence }).first().waitFor();
  }

  fill(key, value, values) {
    return this.field(key, values).fill(value);
  }

  /// A radio button, a tick or an entry of a list.
  choose(key, values) {
    return this.field(key, values).check();
  }

  /// A field by its label, with or without "(optional)" after it.
  field(key, values) {
    return this.page.getByLabel(this.label(key, values)).first();
  }

  label(key, values) {
    return new RegExp(`^\\s*${this.words(key, values)}\\s*([（(].{2,12}[）)])?\\s*$`);
  }

  text() {
    return this.page.locator("main").innerText();
  }

  async sees(key, values) {
    assert.match(await this.text(), new RegExp(words(this.lang, key, values)), `${key} on ${this.page.url()}`);
  }

  async reads(...texts) {
    const text = await this.text();
    for (const part of texts) assert.ok(text.includes(part), `${part} is not on ${this.page.url()}:\n${text}`);
  }

  /// The page after a refused form: marked in the title, summed up on top, said beside each field.
  async sent_back(...keys) {
    const { page, lang } = this;
    assert.match(await page.title(), new RegExp(`^${words(lang, "error-prefix")}`));
    const summary = page.getByRole("alert");
    assert.ok(await summary.evaluate((box) => box === document.activeElement), "the summary has the focus");
    for (const key of keys) {
      const sentence = new RegExp(words(lang, key));
      assert.match(await summary.innerText(), sentence, key);
      assert.ok(await page.locator(".error").filter({ hasText: sentence }).count() > 0, `${key} beside its field`);
    }
  }

  /// A sentence as a pattern, in this person's language.
  words(key, values) {
    return words(this.lang, key, values);
  }

  exactly(key, values) {
    return new RegExp(`^\\s*${this.words(key, values)}\\s*$`);
  }

  close() {
    return this.page.context().close();
  }
}
