// Stands in the page that "Leave this page" leads to: from whichever page that was, the answer is forgotten before the
// screen turns to somebody else's. Pages without a script cannot, and not every browser clears what it is told to.

import { forgetChoice } from "./choice.ts";

forgetChoice();
