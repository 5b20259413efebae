// Every page a link leads to, for whoever works on cases, in both languages: sound, and open to nobody else.

import { stage } from "./stage.mjs";
import { staffPages } from "./walk.mjs";

stage();
staffPages("clerk", "investigator", "approver");
