// Files on their way: sealed here as they are read, sent one after the other in pieces. The sealing, the pieces and what is
// done on a bad line are the browser's (`web/src/reporter/upload.ts`); reading is WeChat's.

import { Declined, type Line } from "../../web/src/reporter/line.ts";
import { type Kept, NotSent, type Types, Uploads } from "../../web/src/reporter/upload.ts";
import { AbortController } from "./platform/abort.ts";
import { use } from "./leave.ts";
import { stock } from "./platform/random.ts";
import { whenForgotten } from "./state.ts";
import { REPORT } from "./view.ts";
import { words } from "./words.ts";

/** What the reporter picked: a copy that WeChat made for us, under a name of its own. */
export interface Picked {
  path: string;
  name: string;
  size: number;
}

export interface Row {
  id: number;
  name: string;
  mb: string;
  state: "waiting" | "going" | "kept" | "failed";
  now: string;
  percent: number;
}

interface Job {
  row: Row;
  picked: Picked;
  wantsCopy: boolean;
  stop: InstanceType<typeof AbortController>;
  /** To the report it was picked for. */
  uploads: Uploads;
}

const jobs: Job[] = [];
let busy = false;
let changed: () => void = () => undefined;

whenForgotten(() => queue.stop());

export const queue = {
  /** What is not sent is given up. */
  stop(): void {
    for (const job of jobs.splice(0)) {
      job.stop.abort();
      discard(job.picked);
    }
  },

  rows: (): Row[] => jobs.map(({ row }) => ({ ...row })),

  /** Called after every change; the last caller counts. */
  watch: (act: () => void): void => void (changed = act),

  add(picked: Picked, wantsCopy: boolean, once: string, types: Types): void {
    const mb = words.say("files-mb", { mb: picked.size < 2 ** 20 / 10 ? "<0.1" : (picked.size / 2 ** 20).toFixed(1) });
    const row: Row = { id: jobs.length, name: picked.name, mb, state: "waiting", now: words.say("files-waiting"), percent: 0 };
    jobs.push({ row, picked, wantsCopy, stop: new AbortController(), uploads: to(once, types) });
    changed();
    void work();
  },

  cancel(id: number): void {
    const job = jobs[id];
    job?.stop.abort();
    if (job?.row.state === "waiting") become(job, "failed", words.say("files-cancelled"));
  },

  again(id: number, once: string, types: Types): void {
    const job = jobs[id];
    if (job === undefined) return;
    [job.stop, job.uploads] = [new AbortController(), to(once, types)];
    become(job, "waiting", words.say("files-waiting"));
    void work();
  },

  isBusy: (): boolean => busy,

  overall(): string {
    const count = (state: Row["state"]) => jobs.filter(({ row }) => row.state === state).length;
    if (jobs.length === 0) return "";
    const all = jobs.reduce((sum, { picked }) => sum + picked.size, 0);
    const done = jobs.reduce((sum, { picked, row }) => sum + picked.size * (row.state === "kept" ? 1 : row.state === "going" ? row.percent / 100 : 0), 0);
    const values = { kept: count("kept"), all: jobs.length, missed: count("failed"), percent: Math.floor((done / Math.max(all, 1)) * 100) };
    return words.say(busy ? "files-overall" : values.missed > 0 ? "files-overall-failed" : "files-overall-done", values);
  },
};

/** One file at a time: what is whole is safe, however the line goes on. */
async function work(): Promise<void> {
  if (busy) return;
  busy = true;
  for (let job = next(); job !== undefined; job = next()) await send(job);
  busy = false;
  changed();
}

const to = (once: string, types: Types) => new Uploads(`${REPORT}/files`, once, types);

const next = () => jobs.find(({ row }) => row.state === "waiting");

async function send(job: Job): Promise<void> {
  const { row, picked, wantsCopy, uploads } = job;
  const going = () => become(job, "going", words.say("files-going", { percent: row.percent }));
  row.percent = 0;
  going();
  const line = {
    signal: job.stop.signal as unknown as AbortSignal,
    lost: (seconds: number) => become(job, "going", words.say("files-lost", { percent: row.percent, seconds })),
    full: (seconds: number) => become(job, "going", words.say("files-crowded", { percent: row.percent, seconds })),
    found: going,
  } satisfies Line;
  const progress = (sent: number, total: number) => {
    row.percent = Math.floor((sent / total) * 100);
    use();
    going();
  };
  try {
    await stock();
    const kept: Kept = await uploads.send({ file: sliceable(picked) as File, wantsCopy, line, progress });
    become(job, "kept", words.say("files-kept", { n: kept.n, how: words.say(kept.copy ? "files-is-copy" : "files-is-sealed") }));
    discard(picked);
  } catch (why) {
    become(job, "failed", sentenceFor(job, why));
  }
}

function become(job: Job, state: Row["state"], now: string): void {
  Object.assign(job.row, { state, now });
  changed();
}

function sentenceFor({ stop }: Job, why: unknown): string {
  if (stop.signal.aborted) return words.say("files-cancelled");
  if (why instanceof Declined && why.detail !== "") return why.detail;
  if (why instanceof NotSent) {
    if (why.why === "type") return words.say("mini-files-type");
    return words.say(why.why === "changed" ? "files-changed" : `files-error-${why.why}`, { mb: why.mb });
  }
  if (["file-changed", "file-unreadable"].includes((why as { code?: string }).code ?? "")) return words.say("files-changed");
  return words.say("mini-files-cannot");
}

/** As the uploads read a browser's file: whole slices, each read when it is wanted. */
function sliceable({ path, name, size }: Picked): object {
  const read = (position: number, length: number): Promise<ArrayBuffer> =>
    length === 0 ? Promise.resolve(new ArrayBuffer(0)) : new Promise((done, failed) => {
      wx.getFileSystemManager().readFile({ filePath: path, position, length, success: ({ data }) => done(data as ArrayBuffer), fail: () => failed(new Error("gone")) });
    });
  return { name, size, slice: (from: number, to: number) => ({ arrayBuffer: () => read(from, to - from) }) };
}

/** WeChat's copy of what was picked goes when it is sent or given up; WeChat itself clears what it does not let us remove. */
export function discard({ path }: Picked): void {
  try {
    wx.getFileSystemManager().unlinkSync(path);
  } catch {
    // Not ours to remove.
  }
}
