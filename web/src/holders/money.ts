// Money is counted in fen, exactly. As src/policy/money.rs.

/** The largest amount that has a place in our records. */
export const LARGEST = (1n << 64n) - 1n;

/** `17,722.05`: yuan with two decimals, thousands marked. */
export function yuan(fen: bigint): string {
  const [whole, part] = [(fen / 100n).toString(), (fen % 100n).toString().padStart(2, "0")];
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${part}`;
}

/** An amount as a person types it, yuan with up to two decimals: `17,722.05`, `¥17722`, `17722 元`. Empty is nothing, not zero. */
export function readYuan(text: string): bigint | null {
  const plain = text.normalize("NFKC").replace(/[\s,，¥￥元]/g, "");
  const [, whole, part = ""] = /^(\d{1,13})(?:\.(\d{0,2}))?$/.exec(plain) ?? [];
  return whole === undefined ? null : BigInt(whole) * 100n + BigInt(part.padEnd(2, "0"));
}

/** For showing and for sums a cap keeps far below: what does not fit counts as the largest that does. */
export function clip(fen: bigint): bigint {
  return fen > LARGEST ? LARGEST : fen;
}

/** A rate in hundredths of a percent, from `15` or `"12.5"`; `null` if it is none. */
export function readPercent(form: bigint | string): number | null {
  const [, whole, part = "0"] = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(String(form)) ?? [];
  if (whole === undefined) return null;
  const points = Number(whole) * 100 + Number(part) * (part.length === 1 ? 10 : 1);
  return points <= 10_000 ? points : null;
}

/** `15`, `12.5`, `12.05`. */
export function percent(points: number): string {
  const [whole, part] = [Math.floor(points / 100), points % 100];
  if (part === 0) return `${whole}`;
  return part % 10 === 0 ? `${whole}.${part / 10}` : `${whole}.${String(part).padStart(2, "0")}`;
}

/** What becomes of a fraction. */
export interface Rounding {
  mode: "down" | "half_up" | "up";
  to: "fen" | "yuan";
}

/** `fen` × `points`, rounded once. Exact until then. */
export function share({ mode, to }: Rounding, fen: bigint, points: number): bigint {
  const unit = to === "fen" ? 1n : 100n;
  const [whole, divisor] = [fen * BigInt(points), 10_000n * unit];
  const [units, rest] = [whole / divisor, whole % divisor];
  const up = mode === "up" ? rest > 0n : mode === "half_up" && rest * 2n >= divisor;
  return (units + (up ? 1n : 0n)) * unit;
}
