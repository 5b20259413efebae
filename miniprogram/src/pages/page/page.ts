import { screens } from "../../lib.ts";
import act from "../../screens/act/act.ts";
import agree from "../../screens/agree/agree.ts";
import before from "../../screens/before/before.ts";
import check from "../../screens/check/check.ts";
import elsewhere from "../../screens/elsewhere/elsewhere.ts";
import files from "../../screens/files/files.ts";
import mine from "../../screens/mine/mine.ts";
import receipt from "../../screens/receipt/receipt.ts";
import region from "../../screens/region/region.ts";
import step from "../../screens/step/step.ts";
import text from "../../screens/text/text.ts";

screens({ act, agree, before, check, elsewhere, files, mine, receipt, region, step, text });
