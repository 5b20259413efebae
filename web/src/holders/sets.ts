// The signed recipient set as requests, packages and memories carry it.

import type { UntrustedSet } from "../core/recipients.ts";
import * as shape from "./shape.ts";

export const untrustedSet: shape.Shape<UntrustedSet> = shape.object({
  body: shape.string,
  signatures: shape.list(shape.object({ by: shape.string, signature: shape.string })),
});
