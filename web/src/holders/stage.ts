// One place on a page where steps come and go: each is a <template> the server rendered, cloned here. Text goes in as
// text; nothing ever becomes markup.

import { Refused } from "../core/refused.ts";
import { say } from "./refusals.ts";

/** The words of the page, in its language. */
export function word(key: string): string | undefined {
  const words = document.querySelector<HTMLTemplateElement>("#words")?.content;
  return words?.querySelector(`[data-word="${key}"]`)?.textContent ?? undefined;
}

export class Stage {
  private forget = (): void => {};

  constructor(readonly root: HTMLElement) {}

  /** Called before a refusal is shown: no key is needed any more. */
  whenRefused(forget: () => void): void {
    this.forget = forget;
  }

  /** Shows a step and puts the reader's focus on its heading. */
  show(step: string): void {
    const template = document.querySelector<HTMLTemplateElement>(`#t-${step}`);
    if (!template) throw new Error(`the page has no step ${step}`);
    this.root.replaceChildren(template.content.cloneNode(true));
    this.root.querySelector<HTMLElement>("[tabindex='-1']")?.focus();
  }

  clear(): void {
    this.root.replaceChildren();
  }

  slot(name: string): HTMLElement {
    return this.find(`[data-slot="${name}"]`);
  }

  /** Fills a slot with text. */
  put(name: string, text: string): void {
    this.slot(name).textContent = text;
  }

  /** One list item a text. */
  list(name: string, texts: string[]): void {
    this.slot(name).replaceChildren(
      ...texts.map((text) => {
        const item = document.createElement("li");
        item.textContent = text;
        return item;
      }),
    );
  }

  /** What was typed or chosen. */
  field(id: string): HTMLInputElement {
    return this.find<HTMLInputElement>(`#${id}`);
  }

  /** The text of a chosen file, read on this device; `null` if none was chosen. */
  async file(id: string): Promise<string | null> {
    return (await this.field(id).files?.[0]?.text()) ?? null;
  }

  /** Runs `act` on a click; a refusal in it is said in words. Clicks while it runs do nothing. */
  on(name: string, act: () => Promise<void> | void): void {
    const button = this.find<HTMLButtonElement>(`[data-do="${name}"]`);
    let busy = false;
    button.addEventListener("click", async () => {
      if (busy) return;
      busy = true;
      this.error("");
      try {
        await act();
      } catch (why) {
        this.refuse(why);
      } finally {
        busy = false;
      }
    });
  }

  /** What is wrong, beside the step's fields; empty takes it away. */
  error(sentence: string): void {
    this.tell(sentence, "error");
  }

  /** What went well, in the same place. */
  done(sentence: string): void {
    this.tell(sentence, "panel");
  }

  private tell(sentence: string, look: "error" | "panel"): void {
    const place = this.root.querySelector<HTMLElement>('[data-slot="error"]');
    if (!place) return;
    place.className = look;
    place.textContent = sentence;
    place.hidden = sentence === "";
    if (sentence !== "") place.focus();
  }

  /** The step that says why nothing was given or opened. */
  refuse(why: unknown): void {
    this.forget();
    this.show("refused");
    const sentence = why instanceof Refused ? say(why, word) : word("something-else");
    this.put("why", sentence ?? "");
    if (!(why instanceof Refused)) console.error("mifeng: a fault of the page", why instanceof Error ? why.name : "");
  }

  private find<E extends HTMLElement>(selector: string): E {
    const found = this.root.querySelector<E>(selector);
    if (!found) throw new Error(`the step has no ${selector}`);
    return found;
  }
}

/** Hands a text to the person as a file. */
export function saveAs(text: string, name: string, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** The calendar day in Asia/Shanghai, as the law counts it: 2026-11-26. */
export function today(milliseconds: number): string {
  return new Date(milliseconds + 8 * 3600 * 1000).toISOString().slice(0, 10);
}

/** The page's language for texts that come in both. */
export function inPagesLanguage({ zh, en }: { zh: string; en: string }): string {
  return document.documentElement.lang === "en" ? en : zh;
}
