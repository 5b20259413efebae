// `make screenshots`: photographs every page that the browser stories meet, at 320 and 1280 px, in both languages, into
// target/screenshots; the few that the README shows go to docs/screenshots. No part of the tests.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const ALBUM = join(HERE, "../../target/screenshots");
const SHOWN = join(HERE, "../../docs/screenshots");

/// README's name for it, and the album's: story or file, language, address, which of its kind, width.
const FOR_README = {
  "name-zh-phone": "portal-zh-name-1-320",
  "receipt-zh-phone": "portal-zh-receipt-1-320",
  "morning-zh": "all_pages-zh-1-1280",
  "case-en": "story-en-cases-N-2-1280",
  "award-en": "story-en-cases-N-award-approve-1-1280",
  "office-zh": "story-zh-awards-N-1-1280",
};

rmSync(ALBUM, { recursive: true, force: true });
const stories = (env, ...files) => execFileSync(process.execPath, ["--test", "--test-concurrency=1", ...files], {
  cwd: HERE, stdio: "inherit", env: { ...process.env, MIFENG_ALBUM: ALBUM, ...env },
});
stories({});
stories({ MIFENG_STORY_LANG: "en" }, "story.test.mjs");

mkdirSync(SHOWN, { recursive: true });
for (const [name, taken] of Object.entries(FOR_README)) {
  copyFileSync(join(ALBUM, `${taken}.png`), join(SHOWN, `${name}.png`));
}
console.log(`${readdirSync(ALBUM).length} pictures in ${ALBUM}`);
