/** When conditional jumps are taken. */
import type { Comparison, Condition } from "./processor.ts";
import { signExtend, truncate } from "./value.ts";

/** The condition of `jcc`, by its low four bits. */
export function condition(code: number): Condition {
  if (code === 4 || code === 5) {
    return code === 4 ? "equal" : "not-equal";
  }
  const negated = (code & 1) === 1;
  return (comparison: Comparison) => {
    const found = ordered(code & 14, comparison);
    return found === undefined ? undefined : found !== negated;
  };
}

function ordered(code: number, { left, right, bits }: Comparison): boolean | undefined {
  if (typeof left !== "number" || typeof right !== "number") {
    return undefined;
  }
  const [a, b] = [signExtend(left, bits) as number, signExtend(right, bits) as number];
  const [ua, ub] =
    bits < 64 ? [truncate(left, bits) as number, truncate(right, bits) as number] : [left, right];
  const sameSign = bits < 64 || (left >= 0 && right >= 0);
  switch (code) {
    case 2:
      return sameSign ? ua < ub : undefined;
    case 6:
      return sameSign ? ua <= ub : undefined;
    case 8:
      return (signExtend(truncate(a - b, bits), bits) as number) < 0;
    case 12:
      return a < b;
    case 14:
      return a <= b;
    default:
      return undefined;
  }
}
