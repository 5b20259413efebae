// Where most stories take place: a demo of their own, a browser, and eyes that look at every page.

import { after, before } from "node:test";
import { checker } from "./checks.mjs";
import { launch, startDemo } from "./world.mjs";

export let world, browser, look, portal;

/// To be called by a file of tests, before its first. `demo`: as `startDemo` takes it; `ready`: what else comes before them.
export function stage({ demo, ready } = {}) {
  before(async () => {
    [world, browser] = await Promise.all([startDemo(demo), launch()]);
    portal = world.demo.addresses.portal;
    look = await checker(browser);
    await ready?.();
  });
  after(async () => {
    await browser?.close();
    await world?.stop();
  });
}
