// What pages and components share, in one file of the package: state is held once.

export { choose, language } from "./language.ts";
export { end, leave, use, watch, shown, hide, whilePicking } from "./leave.ts";
export { page, speak, spoken } from "./page.ts";
export { asked, mend, personFields, readPerson } from "./person.ts";
export { putAway, send, Unsure } from "./sending.ts";
export { fileTypes, findRegions, recipients, regions, service } from "./service.ts";
export { forget, state } from "./state.ts";
export { fieldsOf, filled, NAMELESS, onward, pageOf, problemsIn, SEALED, STEPS } from "./steps.ts";
export { trouble } from "./trouble.ts";
export { config } from "./config.ts";
export { words } from "./words.ts";
export { keptReceipt } from "./kept.ts";
export { act, acts, Elsewhere, link, look, signIn } from "./mine.ts";
export { Receipt } from "../../web/src/core/receipt.ts";
export { openFile, openMessages } from "./mailbox.ts";
export { scanLog } from "./scanlog.ts";
export { isOver } from "./trouble.ts";
export { wrongText } from "./steps.ts";
export { wrote } from "./wrote.ts";
export { queue } from "./files.ts";
export { detach, openReport } from "./mine.ts";
export { pick } from "./pick.ts";
export { partsOf, TEXTS, type Text, titleOf } from "./texts.ts";
export { ASKS, claim, drawOwn, offered, takeOver } from "./acts.ts";
export { isThis } from "../../web/src/reporter/claiming.ts";
export { tooLong } from "../../web/src/reporter/sealing.ts";
export { isCreditCode } from "../../web/src/core/formats.ts";
