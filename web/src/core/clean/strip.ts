// What leaves the device of a picture: its pixels and which way is up, without all that a camera or a program wrote
// beside them. The structure is rewritten, no pixel is touched: a canvas would change them, and some browsers falsify
// what they give of one on purpose. The server then runs the cleaner it runs on every picture (src/cleartext/clean)
// on what is left, and its verdict is the one that counts. So nothing is judged here: what is broken stays broken.
//
// Not promised: what hides in the coded pixels themselves (palette entries no pixel uses, colours under transparent
// pixels, bytes behind the last row) leaves the device. It goes when the server writes the copy from the pixels.

import { kindOf } from "../kind.ts";
import { stripGif } from "./gif.ts";
import { stripJpeg } from "./jpeg.ts";
import { stripPng } from "./png.ts";
import { stripWebp } from "./webp.ts";

/** A whole picture without what is not picture; `undefined` for what is none by its content. */
export function strip(bytes: Uint8Array): Uint8Array | undefined {
  switch (kindOf(bytes)) {
    case "image/jpeg":
      return stripJpeg(bytes);
    case "image/png":
      return stripPng(bytes);
    case "image/webp":
      return stripWebp(bytes);
    case "image/gif":
      return stripGif(bytes);
    default:
      return undefined;
  }
}
