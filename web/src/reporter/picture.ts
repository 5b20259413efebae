// The receipt as a QR code, for whoever photographs the screen with another phone. Drawn on a canvas: no address, no
// file, nothing that stays when the page is left.

import { encode } from "uqr";

const MODULE_PIXELS = 8;
/** What scanners ask for around the code, in modules (ISO/IEC 18004). */
const QUIET = 4;

/** `label` is what is read out instead: the code itself stands on the page as text. */
export function receiptPicture(text: string, label: string): HTMLCanvasElement {
  const { data, size } = encode(text, { ecc: "M", border: QUIET });
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * MODULE_PIXELS;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", label);
  const paint = canvas.getContext("2d");
  if (paint === null) throw new Error("no canvas");
  paint.fillStyle = "#fff";
  paint.fillRect(0, 0, canvas.width, canvas.height);
  paint.fillStyle = "#000";
  data.forEach((row, y) =>
    row.forEach((dark, x) => dark && paint.fillRect(x * MODULE_PIXELS, y * MODULE_PIXELS, MODULE_PIXELS, MODULE_PIXELS)),
  );
  return canvas;
}
