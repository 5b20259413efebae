// Keys for staff who have asked for them. They move the focus, tick a row or follow a link that stands in the page; no
// key sends, decides, opens or pays.

const WAIT = 1500;

let begun = 0;

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.key === "Process") return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isTyping(event.target)) return;
  const second = Date.now() - begun < WAIT;
  begun = 0;
  if (second ? go(event.key) : act(event.key)) event.preventDefault();
});

function act(key: string): boolean {
  switch (key) {
    case "j":
      return step(1);
    case "k":
      return step(-1);
    case "x":
      return tick();
    case "/":
      return focus(document.getElementById("text"));
    case "u":
      return follow("a.back");
    case "g":
      begun = Date.now();
      return true;
    case "?":
      return follow("footer a[data-help]");
    default:
      return false;
  }
}

function go(key: string): boolean {
  const path = { t: "/", q: "/cases", v: "/views" }[key];
  return path !== undefined && follow(`a[href="/${document.documentElement.dataset["path"]}${path}"]`);
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  // A box that is ticked takes no letters.
  return target instanceof HTMLInputElement
    ? !["checkbox", "radio", "button", "submit"].includes(target.type)
    : target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName);
}

/** The rows of the page, each by what of it takes the focus. */
function rows(): HTMLElement[] {
  return Array.from(document.querySelectorAll<HTMLElement>("tbody tr"), (row) => row.querySelector<HTMLElement>("a, input"))
    .filter((found) => found !== null);
}

function here(): HTMLTableRowElement | null {
  return document.activeElement?.closest("tr") ?? null;
}

function step(by: number): boolean {
  const all = rows();
  const row = here();
  const at = row === null ? -1 : all.findIndex((each) => row.contains(each));
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by;
  return focus(all[next]?.closest("tr")?.querySelector<HTMLElement>("th a, a, input"));
}

function tick(): boolean {
  const box = here()?.querySelector<HTMLInputElement>("input[type=checkbox]");
  if (!box) return false;
  box.checked = !box.checked;
  return true;
}

function focus(element: HTMLElement | null | undefined): boolean {
  element?.focus();
  return element !== null && element !== undefined;
}

function follow(selector: string): boolean {
  const link = document.querySelector<HTMLAnchorElement>(selector);
  link?.click();
  return link !== null;
}
