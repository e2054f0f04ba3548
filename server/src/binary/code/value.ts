/** What a processor on paper computes with: what is known is a number, the rest has a name. */

/** Something not known, but the same wherever it was copied to; or the address of another library's function. */
export class Unknown {
  constructor(readonly imported?: string) {}
}

/** Numbers are addresses or plain numbers; those of 64 bits may be negative. */
export type Value = number | Unknown;

/** The low bits of a value, as an unsigned number below 64 bits. */
export function truncate(value: Value, bits: number): Value {
  if (typeof value !== "number" || bits >= 64) {
    return value;
  }
  const range = 2 ** bits;
  return ((value % range) + range) % range;
}

/** The low bits of a value, as a signed number. */
export function signExtend(value: Value, bits: number): Value {
  const low = truncate(value, bits);
  return typeof low === "number" && bits < 64 && low >= 2 ** (bits - 1) ? low - 2 ** bits : low;
}

/** Only what hooks compute with addresses and constants. */
export function compute(
  operation: "add" | "sub" | "and" | "or" | "xor",
  a: Value,
  b: Value,
  bits: number,
): Value {
  if (operation === "xor" && a === b) {
    return 0;
  }
  if (typeof a !== "number" || typeof b !== "number") {
    const zero = operation === "and" && (a === 0 || b === 0);
    const same = (operation === "and" || operation === "or") && a === b;
    return zero
      ? 0
      : same
        ? a
        : (operation === "or" || operation === "add") && a === 0
          ? b
          : b === 0
            ? a
            : new Unknown();
  }
  if (operation === "add" || operation === "sub") {
    const sum = operation === "add" ? a + b : a - b;
    return Number.isSafeInteger(sum) ? truncate(sum, bits) : new Unknown();
  }
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) {
    return new Unknown();
  }
  const [left, right] = [BigInt.asUintN(bits, BigInt(a)), BigInt.asUintN(bits, BigInt(b))];
  const result = operation === "and" ? left & right : operation === "or" ? left | right : left ^ right;
  return Number(bits === 64 ? BigInt.asIntN(64, result) : result);
}
