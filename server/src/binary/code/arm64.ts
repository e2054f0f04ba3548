/**
 * Runs AArch64 machine code on paper: the moves, additions, comparisons, jumps and calls that initialisation hooks
 * consist of. What any other instruction writes becomes unknown.
 */
import { Fields } from "../bytes.ts";
import { loadOrStore } from "./arm64Memory.ts";
import { get, set, signed, sp } from "./arm64Registers.ts";
import { type Move, outside, type Processor, stackTop } from "./processor.ts";
import type { State } from "./state.ts";
import { compute, truncate, Unknown, type Value } from "./value.ts";

const link = 30;

export class Arm64 implements Processor {
  readonly registerCount = 32;

  enter(state: State): void {
    state.registers[sp] = stackTop;
    state.registers[link] = outside;
  }

  argument(state: State, index: 0 | 1): Value {
    return state.registers[index]!;
  }

  result(state: State): Value {
    return state.registers[0]!;
  }

  pushReturn(state: State, address: number): void {
    state.registers[link] = address;
  }

  returnFrom(state: State, result: Value): void {
    const to = state.registers[link]!;
    for (let register = 0; register < 19; register++) {
      state.registers[register] = new Unknown();
    }
    state.vectors.fill([new Unknown(), new Unknown()]);
    state.registers[link] = new Unknown();
    state.registers[0] = result;
    state.pc = typeof to === "number" ? to : 0;
  }

  step(state: State): Move | undefined {
    const bytes = state.image.bytes(state.pc, 4);
    if (!bytes) {
      return { kind: "stop" };
    }
    const pc = state.pc;
    state.pc = pc + 4;
    // Instructions are little-endian in either byte order of data.
    return execute(state, new Fields(bytes, true).u32(0), pc);
  }
}

function execute(state: State, word: number, pc: number): Move | undefined {
  const matches = (mask: number, value: number) => (word & mask) >>> 0 === value;
  const rd = word & 31;
  const rn = (word >>> 5) & 31;
  const rm = (word >>> 16) & 31;
  const bits = word >>> 31 === 1 ? 64 : 32;
  if (matches(0x1f000000, 0x10000000)) {
    const distance = signed(word, 5, 19) * 4 + ((word >>> 29) & 3);
    const page = word >>> 31 === 1;
    return set(state, rd, page ? Math.floor(pc / 4096) * 4096 + distance * 4096 : pc + distance);
  }
  if (matches(0x1f800000, 0x11000000)) {
    const amount = ((word >>> 10) & 0xfff) * ((word >>> 22) & 1 ? 4096 : 1);
    return addOrSubtract(state, word, truncate(state.registers[rn]!, bits), amount, bits, true);
  }
  if (matches(0x1f200000, 0x0b000000)) {
    const shift = (word >>> 10) & 63;
    return addOrSubtract(
      state,
      word,
      get(state, rn, bits),
      shift === 0 ? get(state, rm, bits) : new Unknown(),
      bits,
      false,
    );
  }
  if (matches(0x1f800000, 0x12800000)) {
    return moveWide(state, word, bits);
  }
  if (matches(0x1f000000, 0x0a000000)) {
    const plain = ((word >>> 10) & 63) === 0 && ((word >>> 21) & 1) === 0;
    const kind = (word >>> 29) & 3;
    const operation = (["and", "or", "xor", "and"] as const)[kind]!;
    const value = plain
      ? compute(operation, get(state, rn, bits), get(state, rm, bits), bits)
      : new Unknown();
    if (kind === 3) {
      state.comparison = { left: value, right: 0, bits };
    }
    return set(state, rd, value, bits);
  }
  if (matches(0x7c000000, 0x14000000)) {
    return { kind: word >>> 31 === 1 ? "call" : "jump", to: pc + signed(word, 0, 26) * 4 };
  }
  if (matches(0xff000010, 0x54000000)) {
    const to = pc + signed(word, 5, 19) * 4;
    const when = (word & 15) === 0 ? "equal" : (word & 15) === 1 ? "not-equal" : () => undefined;
    return { kind: "branch", to, when };
  }
  if (matches(0x7e000000, 0x34000000)) {
    const to = pc + signed(word, 5, 19) * 4;
    const of = { left: get(state, rd, bits), right: 0, bits };
    return { kind: "branch", to, when: (word >>> 24) & 1 ? "not-equal" : "equal", of };
  }
  if (matches(0x7e000000, 0x36000000)) {
    const value = get(state, rd);
    const bit = ((word >>> 26) & 32) | ((word >>> 19) & 31);
    const isSet = Number.isSafeInteger(value)
      ? ((BigInt(value as number) >> BigInt(bit)) & 1n) === 1n
      : undefined;
    const wanted = ((word >>> 24) & 1) === 1;
    const when = () => (isSet === undefined ? undefined : isSet === wanted);
    return {
      kind: "branch",
      to: pc + signed(word, 5, 14) * 4,
      when,
      of: { left: value, right: 0, bits: 64 },
    };
  }
  if (matches(0xfe000000, 0xd6000000)) {
    // br, blr, ret, also with pointer authentication.
    return { kind: (["jump", "call", "return", "return"] as const)[(word >>> 21) & 3]!, to: get(state, rn) };
  }
  if (matches(0xff000000, 0xd4000000)) {
    return { kind: "stop" };
  }
  if (matches(0xfffff01f, 0xd503201f)) {
    return;
  }
  if (matches(0x0a000000, 0x08000000)) {
    return loadOrStore(state, word, pc);
  }
  if (matches(0x0e000000, 0x0e000000)) {
    // movi vN.2d, #0; all else with vectors is unknown, and some of it writes a general register.
    const zero = matches(0xffffffe0, 0x6f00e400) || matches(0xffffffe0, 0x4f000400);
    state.vectors[rd] = zero ? [0, 0] : [new Unknown(), new Unknown()];
    return zero ? undefined : set(state, rd, new Unknown());
  }
  state.comparison = undefined;
  return set(state, rd, new Unknown());
}

function addOrSubtract(
  state: State,
  word: number,
  left: Value,
  right: Value,
  bits: number,
  stack: boolean,
): undefined {
  const rd = word & 31;
  const subtracts = ((word >>> 30) & 1) === 1;
  const value = compute(subtracts ? "sub" : "add", left, right, bits);
  if (((word >>> 29) & 1) === 1) {
    state.comparison = subtracts ? { left, right, bits } : { left: value, right: 0, bits };
    return set(state, rd, value, bits);
  }
  if (rd === sp && stack) {
    state.registers[sp] = value;
    return;
  }
  return set(state, rd, value, bits);
}

function moveWide(state: State, word: number, bits: number): undefined {
  const rd = word & 31;
  const part = ((word >>> 5) & 0xffff) * 2 ** (((word >>> 21) & 3) * 16);
  const kind = (word >>> 29) & 3;
  if (kind !== 3) {
    return set(state, rd, kind === 2 ? part : -part - 1, bits);
  }
  const old = get(state, rd, bits);
  const shift = 2 ** (((word >>> 21) & 3) * 16);
  if (typeof old !== "number" || old < 0) {
    return set(state, rd, new Unknown());
  }
  return set(state, rd, old - (Math.floor(old / shift) % 65536) * shift + part, bits);
}
