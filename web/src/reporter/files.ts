// The page of files, where its script runs: files are sealed on this device and sent one after the other, each with a
// row of its own. Nothing falls back to the way on which the server seals; that is a link.

import { canSealFiles } from "../core/files.ts";
import { byId, slot, Wording, type Words } from "./dom.ts";
import { onLeave } from "./leave.ts";
import { Declined } from "./line.ts";
import { NotSent, Uploads, type Types } from "./upload.ts";

interface Config {
  once: string;
  address: string;
  /** Of the page that asks whether to remove a file, up to its name. */
  remove: string;
  types: Types;
  /** Files the report still has room for. */
  left: number;
  words: Words;
}

type State = "waiting" | "going" | "kept" | "failed";

interface Row {
  file: File;
  wantsCopy: boolean;
  state: State;
  element: HTMLElement;
  bar: HTMLProgressElement;
  stop: AbortController;
}

const place = byId("device");
const config = JSON.parse(place.dataset.config ?? "{}") as Config;
const words = new Wording(config.words);
const uploads = new Uploads(config.address, config.once, config.types);
const rows: Row[] = [];
let busy = false;
let left = false;

if (canSealFiles()) begin();
else slot(place, "waiting").textContent = words.say("files-cannot");

addEventListener("beforeunload", (event) => {
  if (!left && rows.some((row) => row.state === "going" || row.state === "waiting")) event.preventDefault();
});

onLeave(() => {
  left = true;
  place.querySelector('[data-slot="rows"]')?.replaceChildren();
});

function begin(): void {
  place.replaceChildren(byId<HTMLTemplateElement>("t-device").content.cloneNode(true));
  const input = byId<HTMLInputElement>("device-files");
  byId("device-add").addEventListener("click", () => {
    const chosen = [...(input.files ?? [])];
    if (chosen.length === 0) return complain("files-error-none");
    const left = config.left - rows.filter((row) => row.state !== "failed").length;
    if (chosen.length > left) return complain("files-too-many", { left });
    complain(undefined);
    const wantsCopy = byId<HTMLInputElement>("device-copy").checked;
    for (const file of chosen) add(file, wantsCopy);
    input.value = "";
    void work();
  });
}

/** One sentence at the field, said at once; `undefined` takes it away. */
function complain(key: string | undefined, values: Record<string, string | number> = {}): void {
  const place = slot(byId("device"), "problem");
  place.textContent = key === undefined ? "" : words.say(key, values);
  place.hidden = key === undefined;
  const input = byId<HTMLInputElement>("device-files");
  if (key === undefined) input.removeAttribute("aria-invalid");
  else {
    input.setAttribute("aria-invalid", "true");
    input.focus();
  }
}

function add(file: File, wantsCopy: boolean): void {
  const piece = byId<HTMLTemplateElement>("t-file").content.cloneNode(true) as DocumentFragment;
  const element = piece.firstElementChild as HTMLElement;
  const bar = element.querySelector("progress")!;
  const row: Row = { file, wantsCopy, state: "waiting", element, bar, stop: new AbortController() };
  slot(element, "name").textContent = file.name;
  slot(element, "mb").textContent = words.say("files-mb", { mb: file.size < 2 ** 20 / 10 ? "<0.1" : (file.size / 2 ** 20).toFixed(1) });
  for (const button of element.querySelectorAll("button")) {
    // "Cancel 现场.mp4": a button is read out of its row.
    button.setAttribute("aria-label", `${button.textContent} ${file.name}`);
  }
  bar.setAttribute("aria-label", file.name);
  button(row, "cancel").addEventListener("click", () => cancel(row));
  button(row, "again").addEventListener("click", () => again(row));
  rows.push(row);
  slot(place, "rows").append(element);
  become(row, "waiting", words.say("files-waiting"));
}

function cancel(row: Row): void {
  row.stop.abort();
  if (row.state === "waiting") become(row, "failed", words.say("files-cancelled"));
  button(row, "again").focus();
}

function again(row: Row): void {
  row.stop = new AbortController();
  become(row, "waiting", words.say("files-waiting"));
  button(row, "cancel").focus();
  void work();
}

/** One file at a time: what is whole is safe, however the line goes on. */
async function work(): Promise<void> {
  if (busy) return;
  busy = true;
  for (let row = waiting(); row !== undefined; row = waiting()) await send(row);
  busy = false;
  overall();
}

function waiting(): Row | undefined {
  return rows.find((row) => row.state === "waiting");
}

async function send(row: Row): Promise<void> {
  let percent = 0;
  let told: "lost" | "crowded" | undefined;
  const going = () => become(row, "going", words.say("files-going", { percent }));
  going();
  say(words.say("files-say-going", { name: row.file.name }));
  const waits = (why: "lost" | "crowded", seconds: number) => {
    become(row, "going", words.say(`files-${why}`, { percent, seconds }));
    if (told !== why) say(words.say(`files-say-${why}`));
    told = why;
  };
  const line = {
    signal: row.stop.signal,
    lost: (seconds: number) => waits("lost", seconds),
    full: (seconds: number) => waits("crowded", seconds),
    found() {
      told = undefined;
      say(words.say("files-say-found"));
      going();
    },
  };
  const progress = (sent: number, total: number) => {
    const before = percent;
    percent = Math.floor((sent / total) * 100);
    row.bar.value = percent;
    going();
    // A screen reader hears every quarter, not every percent.
    if (Math.floor(before / 25) < Math.floor(percent / 25) && percent < 100) {
      say(words.say("files-say-percent", { name: row.file.name, percent }));
    }
  };
  try {
    const kept = await uploads.send({ file: row.file, wantsCopy: row.wantsCopy, line, progress });
    row.bar.value = 100;
    const how = words.say(kept.copy ? "files-is-copy" : "files-is-sealed");
    become(row, "kept", words.say("files-kept", { n: kept.n, how }));
    const remove = slot(row.element, "remove") as HTMLAnchorElement;
    remove.href = config.remove + kept.blob;
    remove.textContent = words.say("files-remove", { n: kept.n });
    remove.hidden = false;
    say(words.say("files-say-kept", { name: row.file.name }));
  } catch (why) {
    const sentence = sentenceFor(row, why);
    become(row, "failed", sentence);
    say(`${row.file.name}: ${sentence}`);
  }
}

function sentenceFor(row: Row, why: unknown): string {
  if (row.stop.signal.aborted) return words.say("files-cancelled");
  if (why instanceof Declined && why.detail !== "") return why.detail;
  if (why instanceof NotSent) {
    return words.say(why.why === "changed" ? "files-changed" : `files-error-${why.why}`, { mb: why.mb });
  }
  if (["file-changed", "file-unreadable"].includes((why as { code?: string }).code ?? "")) return words.say("files-changed");
  return words.say("files-cannot");
}

function become(row: Row, state: State, now: string): void {
  row.state = state;
  slot(row.element, "now").textContent = now;
  row.element.classList.toggle("has-error", state === "failed");
  row.bar.hidden = state !== "going";
  button(row, "cancel").hidden = state !== "going" && state !== "waiting";
  button(row, "again").hidden = state !== "failed";
  overall();
}

/** The line above the rows. */
function overall(): void {
  const count = (state: State) => rows.filter((row) => row.state === state).length;
  const all = rows.reduce((sum, row) => sum + row.file.size, 0);
  const done = rows.reduce((sum, { file, state, bar }) => sum + file.size * (state === "kept" ? 1 : state === "going" ? bar.value / 100 : 0), 0);
  const values = { kept: count("kept"), all: rows.length, missed: count("failed"), percent: Math.floor((done / Math.max(all, 1)) * 100) };
  const key = busy ? "files-overall" : values.missed > 0 ? "files-overall-failed" : "files-overall-done";
  slot(place, "overall").textContent = rows.length === 0 ? "" : words.say(key, values);
}

function say(sentence: string): void {
  slot(place, "say").textContent = sentence;
}

function button(row: Row, name: "cancel" | "again"): HTMLButtonElement {
  return row.element.querySelector(`[data-do="${name}"]`)!;
}
