// Objects with exactly the fields they must have, as serde's `deny_unknown_fields`.

type Kind = "string" | "number" | "boolean" | "object";

/** The object itself, if it has all of these fields, each of its kind, and no other. Throws otherwise. */
export function onlyKeys(value: unknown, fields: Record<string, Kind>): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("not an object");
  const object = value as Record<string, unknown>;
  for (const [field, kind] of Object.entries(fields)) {
    if (typeof object[field] !== kind || object[field] === null) throw new Error(`${field} is missing or not a ${kind}`);
  }
  for (const field of Object.keys(object)) {
    if (!Object.prototype.hasOwnProperty.call(fields, field)) throw new Error(`unknown field ${field}`);
  }
  return object;
}
