/** How AArch64 instructions name registers and numbers. */
import type { State } from "./state.ts";
import { truncate, type Value } from "./value.ts";

/** Register 31 is the stack pointer in addresses and additions, and zero elsewhere. */
export const sp = 31;

/** A signed field of an instruction. */
export function signed(word: number, from: number, bits: number): number {
  const value = (word >>> from) & (2 ** bits - 1);
  return value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
}

export function get(state: State, register: number, bits = 64): Value {
  return register === 31 ? 0 : truncate(state.registers[register]!, bits);
}

export function set(state: State, register: number, value: Value, bits = 64): undefined {
  if (register !== 31) {
    state.registers[register] = truncate(value, bits);
  }
}
