// A page left open with nobody at it.

const USES = ["pointerdown", "pointermove", "keydown", "wheel", "scroll"];
const LOOK_MS = 20_000;

/** Calls `lapse` when nobody has touched the page for so many minutes. The time a device sleeps counts. */
export function whenIdle(minutes: number, lapse: () => void): void {
  let used = Date.now();
  const look = () => {
    if (Date.now() - used < minutes * 60_000) return;
    used = Date.now();
    lapse();
  };
  const use = () => {
    // Who wakes the device is perhaps somebody else.
    look();
    used = Date.now();
  };
  for (const kind of USES) addEventListener(kind, use, { capture: true, passive: true });
  document.addEventListener("visibilitychange", look);
  setInterval(look, LOOK_MS);
}
