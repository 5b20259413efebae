import { hide, shown, watch } from "./lib.ts";

App({
  onLaunch: watch,
  onShow: shown,
  onHide: hide,
});
