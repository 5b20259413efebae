// Requests for originals, made and judged by the Rust tool: the page takes and refuses the same, in the same words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { fromHex } from "../src/core/bytes.ts";
import { Refused } from "../src/core/refused.ts";
import { type FilesRequest, answerFiles, checkFiles, isForFiles, readFilesRequest } from "../src/holders/files.ts";
import type { HolderKey } from "../src/holders/keyfile.ts";
import { readRequest } from "../src/holders/request.ts";
import { readLogKey } from "../src/log/checkpoint.ts";
import { vector } from "./support.ts";

interface Vectors {
  opening: string;
  signing_seed: string;
  fingerprint: string;
  log_key: string;
  today: string;
  honest: unknown;
  refused: { about: string; request: unknown; why: string }[];
}

const v = JSON.parse(vector("evidence-v1.json").toString()) as Vectors;
const seed = fromHex(v.signing_seed);
const key: HolderKey = { identity: v.opening, seed, verify: ed25519.getPublicKey(seed) };
const trust = { fingerprint: v.fingerprint, log: readLogKey(v.log_key)!, seen: null, roster: 0 };
const read = (request: unknown): FilesRequest => {
  const found = readFilesRequest(JSON.stringify(request));
  assert.ok(found, "it is a request for an original");
  return found;
};

test("an honest request is taken, and answered with a share for files", async () => {
  const request = read(v.honest);
  assert.ok(isForFiles(request, key));
  const checked = await checkFiles(request, key, trust, v.today);
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  const answer = JSON.parse(await answerFiles(checked, key, 1_795_406_400, random)) as { deposit: { trustee: number } };
  assert.equal(answer.deposit.trustee, 1);
});

test("every other one is refused, in the words of the command-line tool", async () => {
  assert.ok(v.refused.length >= 22);
  for (const { about, request, why } of v.refused) {
    const judged = checkFiles(read(request), key, trust, v.today);
    await assert.rejects(judged, (found) => found instanceof Refused && found.message === why, `${about}: ${why}`);
  }
});

test("a request for an original is none for a payment", () => {
  assert.throws(() => readRequest(JSON.stringify(v.honest)), (found) => found instanceof Refused);
});
