// The page's furniture as the script handles it: stages cloned from the server's templates, fields without a name,
// problems said as the server says them. Text only ever enters as text.

export type Words = Record<string, string | string[]>;

export class Wording {
  constructor(private readonly words: Words) {}

  /** The words under `key`; `{name}` in them is filled in from `values`. */
  say(key: string, values: Record<string, string | number> = {}): string {
    const words = this.words[key];
    if (typeof words !== "string") throw new Error(`no words for ${key}`);
    return words.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
  }

  /** "There are 2 problems". */
  headline(count: number): string {
    const lines = this.words["errors-headline"] as string[];
    return lines[Math.min(count, lines.length) - 1] ?? "";
  }
}

export function byId<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found as T;
}

const TITLE_END = document.title.replace(/^.*? - /, " - ");

/** Shows one template in place of what was there; its heading gets the focus and the tab the title. */
export function show(stage: HTMLElement, template: string): void {
  const source = byId<HTMLTemplateElement>(template);
  stage.replaceChildren(source.content.cloneNode(true));
  const heading = stage.querySelector<HTMLElement>("h1");
  if (heading !== null) {
    document.title = (heading.textContent ?? "") + TITLE_END;
    heading.focus();
  }
  scrollTo(0, 0);
}

export function slot(stage: HTMLElement, name: string): HTMLElement {
  const found = stage.querySelector<HTMLElement>(`[data-slot="${name}"]`);
  if (found === null) throw new Error(`the page has no place for ${name}`);
  return found;
}

/** Calls `act` when a button marked `data-do="name"` is pressed, and when Enter is pressed in a line. */
export function on(stage: HTMLElement, name: string, act: () => void, enter = false): void {
  const button = stage.querySelector<HTMLButtonElement>(`[data-do="${name}"]`);
  button?.addEventListener("click", act);
  if (!enter) return;
  for (const line of stage.querySelectorAll("input")) {
    line.addEventListener("keydown", (event) => {
      // While a Chinese word is being composed, Enter belongs to the keyboard.
      if (event.key === "Enter" && !event.isComposing && event.keyCode !== 229) {
        event.preventDefault();
        act();
      }
    });
  }
}

/** What was typed into the field with this id; empty when there is none, or when it is a box that is not ticked. */
export function typed(id: string): string {
  const field = document.getElementById(id) as HTMLInputElement | null;
  return field === null || (field.type === "checkbox" && !field.checked) ? "" : field.value;
}

export type Problem = { field: string; sentence: string };

/** The summary on top of the stage with a link to each field, and the same sentence at the field. */
export function complain(stage: HTMLElement, problems: Problem[], words: Wording): void {
  forgive(stage);
  const prefix = words.say("error-prefix");
  const box = document.createElement("div");
  box.className = "error-summary";
  box.setAttribute("role", "alert");
  box.tabIndex = -1;
  const title = document.createElement("h2");
  title.textContent = words.headline(problems.length);
  const list = document.createElement("ul");
  for (const { field, sentence } of problems) {
    const link = document.createElement("a");
    link.href = `#${field}`;
    link.textContent = sentence;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      document.getElementById(field)?.focus();
    });
    const line = document.createElement("li");
    line.append(link);
    list.append(line);
    mark(field, prefix, sentence);
  }
  box.append(title, list);
  stage.prepend(box);
  if (!document.title.startsWith(prefix)) document.title = prefix + document.title;
  box.focus();
}

function mark(id: string, prefix: string, sentence: string): void {
  const control = document.getElementById(id);
  const field = control?.closest<HTMLElement>(".field");
  if (control === null || field === null || field === undefined) return;
  field.classList.add("has-error");
  const line = document.createElement("p");
  line.className = "error";
  line.id = `${id}-error`;
  const bold = document.createElement("b");
  bold.textContent = prefix;
  line.append(bold, sentence);
  (control.closest(".choices") ?? control).before(line);
  control.setAttribute("aria-invalid", "true");
  const hint = document.getElementById(`${id}-hint`) === null ? "" : `${id}-hint `;
  control.setAttribute("aria-describedby", `${hint}${id}-error`);
}

function forgive(stage: HTMLElement): void {
  stage.querySelectorAll(".error-summary, .error").forEach((old) => old.remove());
  for (const field of stage.querySelectorAll(".has-error")) {
    field.classList.remove("has-error");
    const control = field.querySelector("[aria-invalid]");
    control?.removeAttribute("aria-invalid");
    const hint = control === null || control === undefined ? null : document.getElementById(`${control.id}-hint`);
    if (hint === null) control?.removeAttribute("aria-describedby");
    else control?.setAttribute("aria-describedby", hint.id);
  }
  const heading = stage.querySelector("h1");
  if (heading !== null) document.title = (heading.textContent ?? "") + TITLE_END;
}

/** One sentence in a box on top, for what is nobody's slip: nothing was lost, and what to do. */
export function warn(stage: HTMLElement, ...sentences: string[]): void {
  stage.querySelectorAll(":scope > .warning[role]").forEach((old) => old.remove());
  const box = document.createElement("div");
  box.className = "warning";
  box.setAttribute("role", "alert");
  box.tabIndex = -1;
  for (const sentence of sentences) {
    const line = document.createElement("p");
    line.textContent = sentence;
    box.append(line);
  }
  stage.prepend(box);
  box.focus();
}

/** A way on, in the box that `warn` has put on top. */
export function offer(stage: HTMLElement, label: string, act: () => void): void {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "second";
  button.textContent = label;
  button.addEventListener("click", act);
  stage.querySelector(":scope > .warning[role]")?.append(button);
}

/** Eight groups of four, each a word of its own for a screen reader. */
export function showReceipt(place: HTMLElement, groups: readonly string[]): void {
  place.replaceChildren(
    ...groups.flatMap((group) => {
      const span = document.createElement("span");
      span.textContent = group;
      return [span, document.createTextNode(" ")];
    }),
  );
}
