// A trustee's share, given in this browser: the key file is read here and goes nowhere; everything the command-line
// tool checks is checked; what was seen of the log is remembered before a share leaves.

import { toHex } from "../core/bytes.ts";
import { random } from "../core/random.ts";
import { fingerprint } from "../core/recipients.ts";
import { readLogKey, writeLogKey } from "../log/checkpoint.ts";
import { type CheckedFiles, type FilesRequest, answerFiles, checkFiles, isForFiles, readFilesRequest } from "./files.ts";
import { type HolderKey, forget, readKeyFile } from "./keyfile.ts";
import { Memories, type Memory, pin, readMemory, writeMemory } from "./memory.ts";
import { yuan } from "./money.ts";
import { offerLock, unlock } from "./passkey.ts";
import { refused, within } from "./refusals.ts";
import { type Checked, type ReleaseRequest, answer, checkRequest, isFor, readRequest } from "./request.ts";
import { filesName } from "./terms.ts";
import { Stage, inPagesLanguage, saveAs, today, word } from "./stage.ts";

const root = document.querySelector<HTMLElement>("#device");
if (root) start(new Stage(root), root.dataset);

function start(stage: Stage, about: DOMStringMap): void {
  const log = readLogKey(about["log"] ?? "");
  // By the holder's own key: what the server calls them, it could change, and with it what they remember.
  const memoriesOf = ({ verify }: HolderKey): Memories => new Memories(localStorage, toHex(verify));
  let key: HolderKey | null = null;
  const drop = (): void => {
    if (key) forget(key);
    key = null;
  };
  addEventListener("pagehide", () => {
    drop();
    stage.clear();
  });

  stage.whenRefused(drop);
  stage.show("start");
  stage.on("check", async () => {
    const text = await stage.file("key-file");
    if (text === null) return stage.error(word("key-file-missing") ?? "");
    drop();
    key = readKeyFile(await unlock(text));
    await goOn(key);
  });
  offerLock(stage);
  stage.on("take-over", async () => {
    const [keyText, text] = [await stage.file("key-file"), await stage.file("memory-file")];
    if (keyText === null) return stage.error(word("key-file-missing") ?? "");
    if (text === null) return stage.error(word("memory-file-missing") ?? "");
    const holder = readKeyFile(await unlock(keyText));
    forget(holder);
    const memories = memoriesOf(holder);
    memories.keep(readMemory(text), memories.recall());
    stage.done(word("memory-taken") ?? "");
  });

  /** With the key at hand: fetch, pin if this is the first time, check. */
  async function goOn(key: HolderKey): Promise<void> {
    const memories = memoriesOf(key);
    const memory = memories.recall();
    if (memory?.log && writeLogKey(memory.log) !== writeLogKey(log)) {
      throw refused("memory-other-log", { log: writeLogKey(memory.log) });
    }
    const request = await download(about["request"] ?? "", memory);
    if (!("between" in request ? isForFiles(request, key) : isFor(request, key))) throw refused("request-trustee", { trustee: request.trustee });
    if (!memory || memory.fingerprint !== fingerprint(request.set)) return compare(request, memories, memory);
    await review(request, memories, memory);
  }

  /** The first use, or a new set: nothing is believed before somebody compared it with the poster. */
  function compare(request: AnyRequest, memories: Memories, before: Memory | null): void {
    stage.show("pin");
    stage.put("fingerprint", fingerprint(request.set));
    stage.put("log-key", writeLogKey(log));
    for (const first of ["log", "first-use"]) stage.slot(first).hidden = before !== null;
    stage.on("pin", async () => {
      const typed = { first: stage.field("pin-first").value, last: stage.field("pin-last").value, log: stage.field("pin-log").value };
      const memory = pin(request.set, log, typed, before);
      if (!memory) return stage.error(word("pin-differs") ?? "");
      memories.keep(memory, before);
      await review(request, memories, memory);
    });
  }

  async function review(request: AnyRequest, memories: Memories, memory: Memory): Promise<void> {
    if (!key) return stage.show("start");
    const trust = { ...memory, log };
    if ("between" in request) {
      const checked = await checkFiles(request, key, trust, today(Date.now()));
      // What the trustee has read above is the server's; what is believed was checked.
      const { need, needed_for } = checked.terms.files;
      const shown = document.querySelector<HTMLElement>("#asked-need");
      within("reporter", () => {
        if (shown?.textContent !== need || shown.dataset["use"] !== needed_for) throw refused("told-other-words");
      });
      stage.show("review-files");
      filesSummary(stage, checked);
      return confirm(checked, (key, seconds) => answerFiles(checked, key, seconds, random), memories, memory);
    }
    const checked = await checkRequest(request, key, trust, today(Date.now()));
    stage.show("review");
    summary(stage, checked);
    confirm(checked, (key, seconds) => answer(checked, key, seconds, random), memories, memory);
  }

  /** The trustee's own yes; what was seen is remembered before the share leaves. */
  function confirm(
    checked: Checked | CheckedFiles, give: (key: HolderKey, seconds: number) => Promise<string>, memories: Memories, memory: Memory,
  ): void {
    stage.on("give", async () => {
      const typed = stage.field("give-word").value.normalize("NFKC").trim().toLowerCase();
      if (typed !== word("give-word")) return stage.error(word("give-word-missing") ?? "");
      if (!key) return stage.show("start");
      memories.keep({ ...memory, ...checked.memory }, memory);
      const text = await give(key, Math.floor(Date.now() / 1000));
      drop();
      stage.show("send");
      stage.field("answer-text").value = text;
      stage.root.querySelector("form")?.submit();
    });
    stage.on("save-memory", () => saveAs(writeMemory({ ...memory, ...checked.memory }), "mifeng-memory.json", "application/json"));
  }
}

type AnyRequest = ReleaseRequest | FilesRequest;

/** This trustee's own request, reaching back to what was seen before. */
async function download(address: string, memory: Memory | null): Promise<AnyRequest> {
  const seen = memory?.seen ? `?seen=${memory.seen.size}` : "";
  const response = await fetch(address + seen, { credentials: "same-origin", cache: "no-store", redirect: "error" });
  if (!response.ok) throw refused("request-unreadable");
  const text = await response.text();
  return readFilesRequest(text) ?? readRequest(text);
}

/** What the command-line tool shows before it asks. Nothing about a person: there is nothing to show. */
function summary(stage: Stage, { terms, paper, by, published }: Checked): void {
  const { rule, steps } = paper.amount;
  stage.put("case", terms.award.case);
  stage.put("amount", yuan(paper.amount.base_fen));
  stage.put("rule", `${inPagesLanguage(rule.title)} · ${rule.document}`);
  stage.list("steps", steps.map(({ text }) => inPagesLanguage(text)));
  stage.put("approved", by.join(" · "));
  stage.put("until", terms.expires);
  stage.put("leaf", `${terms.leaf_index + 1n} / ${published.seen().size}`);
}

function filesSummary(stage: Stage, { terms, published }: CheckedFiles): void {
  const { files } = terms;
  stage.put("case", files.case);
  stage.put("request", filesName(files));
  stage.put("use", word(`use-${files.needed_for}`) ?? "");
  stage.put("need", files.need);
  stage.put("asked", `${files.asked} · ${files.asked_by}`);
  stage.put("objected", files.object_until);
  stage.put("until", files.good_until);
  stage.put("leaf", `${terms.leaf_index + 1n} / ${published.seen().size}`);
}
