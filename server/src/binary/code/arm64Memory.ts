/** The loads and stores of AArch64: single ones, pairs, and those of vectors. */
import { get, set, signed } from "./arm64Registers.ts";
import type { State } from "./state.ts";
import { compute, signExtend, truncate, Unknown, type Value } from "./value.ts";

export function loadOrStore(state: State, word: number, pc: number): undefined {
  const rt = word & 31;
  const rn = (word >>> 5) & 31;
  const vector = ((word >>> 26) & 1) === 1;
  const group = (word >>> 27) & 7;
  if (group === 5) {
    return pair(state, word, vector);
  }
  if (group === 3 && ((word >>> 24) & 1) === 0) {
    const size = word >>> 30 === 0 ? 4 : 8;
    return vector ? forgetVector(state, rt) : set(state, rt, state.load(pc + signed(word, 5, 19) * 4, size));
  }
  if (group === 1 && (word & 0x3ffffc00) >>> 0 === 0x08dffc00) {
    // Loads that other loads may not overtake.
    const size = 1 << (word >>> 30);
    return set(state, rt, state.load(state.registers[rn]!, size));
  }
  if (group !== 7) {
    // Exclusive and atomic ones.
    set(state, (word >>> 16) & 31, new Unknown());
    return vector ? forgetVector(state, rt) : set(state, rt, new Unknown());
  }
  const operation = (word >>> 22) & 3;
  const sizeField = (word >>> 30) & 3;
  const size = vector && operation >= 2 ? 16 : 1 << sizeField;
  const base = state.registers[rn]!;
  let address: Value;
  if (((word >>> 24) & 1) === 1) {
    address = compute("add", base, ((word >>> 10) & 0xfff) * size, 64);
  } else if (((word >>> 21) & 1) === 0) {
    const mode = (word >>> 10) & 3;
    const moved = compute("add", base, signed(word, 12, 9), 64);
    address = mode === 1 ? base : moved;
    if (mode === 1 || mode === 3) {
      state.registers[rn] = moved;
    }
  } else {
    address = new Unknown();
  }
  if (vector) {
    return (operation & 1) === 1
      ? loadVector(state, rt, address, size)
      : storeVector(state, rt, address, size);
  }
  if (operation === 0) {
    state.store(address, size, get(state, rt, size * 8));
    return;
  }
  if (operation === 1) {
    return set(state, rt, state.load(address, size));
  }
  // Sign-extending loads; a prefetch has size 8 here.
  return size === 8
    ? undefined
    : set(state, rt, signExtend(state.load(address, size), size * 8), operation === 3 ? 32 : 64);
}

function pair(state: State, word: number, vector: boolean): undefined {
  const [rt, rn, rt2] = [word & 31, (word >>> 5) & 31, (word >>> 10) & 31];
  const size = vector ? 4 << (word >>> 30) : word >>> 31 === 1 ? 8 : 4;
  const mode = (word >>> 23) & 3;
  const base = state.registers[rn]!;
  const moved = compute("add", base, signed(word, 15, 7) * size, 64);
  const first = mode === 1 ? base : moved;
  const second = compute("add", first, size, 64);
  if (mode === 1 || mode === 3) {
    state.registers[rn] = moved;
  }
  const loads = ((word >>> 22) & 1) === 1;
  if (vector) {
    const run = loads ? loadVector : storeVector;
    run(state, rt, first, size);
    return run(state, rt2, second, size);
  }
  if (loads) {
    set(state, rt, state.load(first, size));
    return set(state, rt2, state.load(second, size));
  }
  state.store(first, size, get(state, rt, size * 8));
  state.store(second, size, get(state, rt2, size * 8));
}

function loadVector(state: State, register: number, address: Value, size: number): undefined {
  const low = state.load(address, Math.min(size, 8));
  state.vectors[register] = [low, size === 16 ? state.load(compute("add", address, 8, 64), 8) : 0];
}

function storeVector(state: State, register: number, address: Value, size: number): undefined {
  const [low, high] = state.vectors[register]!;
  state.store(address, Math.min(size, 8), truncate(low, Math.min(size, 8) * 8));
  if (size === 16) {
    state.store(compute("add", address, 8, 64), 8, high);
  }
}

function forgetVector(state: State, register: number): undefined {
  state.vectors[register] = [new Unknown(), new Unknown()];
}
