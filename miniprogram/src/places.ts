// Finding a region on this phone, as the portal's page finds it (`Regions::search`, src/policy/regions.rs): what somebody
// looks for is sent to nobody.

import type { Region } from "./service.ts";

export interface Place {
  code: string;
  name: string;
  /** There are regions below it. */
  more: boolean;
}

const MOST_FOUND = 20;
const BETWEEN_WORDS = /[\s，,、/·]+/;

/** Directly below a region; the provinces below `null`. */
export function below(all: Region[], parent: string | null): Place[] {
  const parents = new Set(all.map((one) => one.parent));
  return all.filter((one) => one.parent === parent).map(({ code, name }) => ({ code, name, more: parents.has(code) }));
}

/** By every word of a query, best first; each is named from the province down. */
export function find(all: Region[], query: string): Place[] {
  const words = query.split(BETWEEN_WORDS).filter((word) => word !== "");
  if (words.length === 0) return [];
  const byCode = new Map(all.map((one) => [one.code, one]));
  const parents = new Set(all.map((one) => one.parent));
  const path = (one: Region | undefined): string[] => {
    if (one === undefined) return [];
    const above = path(one.parent === null ? undefined : byCode.get(one.parent));
    // 北京市, 东城区: a name is not said twice.
    return above[above.length - 1] === one.name ? above : [...above, one.name];
  };
  const fits = all.map((one) => ({ one, names: path(one) })).map((each) => ({ ...each, rank: rank(words, each.one, each.names.join("")) }));
  const found = fits.filter(({ rank }) => rank !== undefined);
  found.sort((a, b) => a.rank! - b.rank! || level(a.one) - level(b.one) || Number(a.one.code) - Number(b.one.code));
  return found.slice(0, MOST_FOUND).map(({ one: { code }, names }) => ({ code, name: names.join(" "), more: parents.has(code) }));
}

/** How well all the words fit, 0 best; `undefined` if one does not fit at all. */
function rank(words: string[], { code, name }: Region, path: string): number | undefined {
  let best = Infinity;
  for (const word of words) {
    const digits = /^[0-9]/.test(word) ? code : "";
    const letters = [...word];
    let fit: number;
    if (name === word || digits === word) fit = 0;
    else if (name.startsWith(word)) fit = 1;
    else if (name.includes(word)) fit = 2;
    else if (path.includes(word) || (letters.length >= 2 && digits.startsWith(word))) fit = 3;
    // The last letter typed must belong to the region itself, or every county of a city would match the city's name.
    else if (letters.length >= 3 && isSubsequence(letters, path) && name.includes(letters[letters.length - 1]!)) fit = 4;
    else return undefined;
    best = Math.min(best, fit);
  }
  return best;
}

function isSubsequence(letters: string[], path: string): boolean {
  let at = 0;
  for (const letter of path) if (letter === letters[at]) at += 1;
  return at === letters.length;
}

/** Province, city, county. */
function level({ code }: Region): number {
  return code.endsWith("0000") ? 1 : code.endsWith("00") ? 2 : 3;
}
