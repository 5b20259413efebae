// "Leave this page" is pressed in a hurry: nothing asks back, and nothing stays on the screen until the next page comes.

/** Calls `forget` in the moment the link is pressed. */
export function onLeave(forget: () => void): void {
  for (const link of document.querySelectorAll('a[href="/leave"]')) link.addEventListener("click", forget);
}
