// The reporter picks: WeChat's own pickers hand out what was picked and nothing else of the album.

import { discard, type Picked } from "./files.ts";
import { whilePicking } from "./leave.ts";
import { state } from "./state.ts";
import { words } from "./words.ts";

const MOST_AT_ONCE = 9;

/** Nothing, if the reporter thinks better of it, or if the picker was open for so long that everything was forgotten. */
export async function pick(from: "pictures" | "documents", left: number): Promise<Picked[]> {
  const { epoch } = state;
  const picked = await whilePicking(() => chosen(from, Math.max(1, Math.min(left, MOST_AT_ONCE))));
  if (state.epoch === epoch) return picked;
  picked.forEach(discard);
  return [];
}

function chosen(from: "pictures" | "documents", count: number): Promise<Picked[]> {
  return new Promise((done) => {
    const fail = () => done([]);
    if (from === "documents") {
      return wx.chooseMessageFile({
        count, type: "all", fail,
        success: ({ tempFiles }) => done(tempFiles.map(({ path, name, size }) => ({ path, name, size }))),
      });
    }
    // "original": the platform must not make another picture of it; the copy for investigators is cleaned here.
    wx.chooseMedia({
      count, mediaType: ["image", "video"], sourceType: ["album", "camera"], sizeType: ["original"], fail,
      success: ({ tempFiles }) => done(tempFiles.map(({ tempFilePath, size }, i) => ({ path: tempFilePath, name: nameOf(tempFilePath, i), size }))),
    });
  });
}

/** WeChat does not tell what a picture was called, and its own path says nothing. */
function nameOf(path: string, i: number): string {
  const ending = /\.[A-Za-z0-9]{1,5}$/.exec(path)?.[0] ?? "";
  return `${words.say("mini-files-picture", { n: i + 1 })}${ending.toLowerCase()}`;
}
