/** One x86-64 instruction: its operands, and what reading and writing them means. */
import type { State } from "./state.ts";
import { compute, truncate, Unknown, type Value } from "./value.ts";
import { hasModRm, immediateSize, namesRegister, usesVectors, writesPlace } from "./x86Lengths.ts";

/** The general registers that have a purpose of their own, by number. */
export const [rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi] = [0, 1, 2, 3, 4, 5, 6, 7] as const;

/** Where something is: a register, or memory at an address. */
export type Place = { readonly register: number } | { readonly address: Value };

export class X86Decoder {
  at = 0;
  readonly start: number;
  rex = 0;
  short = false;
  repeat = 0;
  segment = false;
  reg = 0;
  place: Place = { register: 0 };

  constructor(
    readonly state: State,
    readonly bytes: Uint8Array,
  ) {
    this.start = state.pc;
  }

  get wide(): boolean {
    return (this.rex & 8) !== 0;
  }
  get bits(): number {
    return this.wide ? 64 : this.short ? 16 : 32;
  }

  peek(): number {
    return this.bytes[this.at] ?? 0;
  }
  next(): number {
    return this.bytes[this.at++] ?? 0;
  }
  immediate(size: number): number {
    let value = 0;
    for (let index = 0; index < size; index++) {
      value += this.next() * 2 ** (8 * index);
    }
    return value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value;
  }

  /** @param following bytes of immediate operand behind the address, which counts from the instruction's end */
  readModRm(following: number): void {
    const byte = this.next();
    const mode = byte >> 6;
    const low = byte & 7;
    this.reg = ((byte >> 3) & 7) | ((this.rex & 4) << 1);
    if (mode === 3) {
      this.place = { register: low | ((this.rex & 1) << 3) };
      return;
    }
    let address: Value;
    if (low === 4) {
      const scaled = this.next();
      const index = ((scaled >> 3) & 7) | ((this.rex & 2) << 2);
      const base = (scaled & 7) | ((this.rex & 1) << 3);
      address = (scaled & 7) === 5 && mode === 0 ? this.immediate(4) : this.state.registers[base]!;
      if (index !== 4) {
        const value = this.state.registers[index]!;
        const step = typeof value === "number" ? value * (1 << (scaled >> 6)) : value;
        address = typeof step === "number" ? compute("add", address, step, 64) : new Unknown();
      }
    } else if (low === 5 && mode === 0) {
      const distance = this.immediate(4);
      address = this.start + this.at + following + distance;
    } else {
      address = this.state.registers[low | ((this.rex & 1) << 3)]!;
    }
    if (mode === 1 || mode === 2) {
      address = compute("add", address, this.immediate(mode === 1 ? 1 : 4), 64);
    }
    this.place = { address: this.segment ? new Unknown() : address };
  }

  /** Bytes of old registers have names of their own: `ah` is no part of what is followed. */
  isHighByte(register: number, bits: number): boolean {
    return bits === 8 && this.rex === 0 && register >= 4 && register < 8;
  }

  get(place: Place, bits: number): Value {
    if ("address" in place) {
      return this.state.load(place.address, bits / 8);
    }
    return this.isHighByte(place.register, bits)
      ? new Unknown()
      : truncate(this.state.registers[place.register]!, bits);
  }

  set(place: Place, bits: number, value: Value): void {
    if ("address" in place) {
      this.state.store(place.address, bits / 8, truncate(value, bits));
    } else if (bits >= 32) {
      this.state.registers[place.register] = truncate(value, bits);
    } else {
      const high = this.isHighByte(place.register, bits);
      const register = high ? place.register - 4 : place.register;
      // The upper part stays.
      const old = this.state.registers[register]!;
      const low = truncate(value, bits);
      const known = !high && typeof old === "number" && typeof low === "number" && Number.isSafeInteger(old);
      this.state.registers[register] = known ? old - (truncate(old, bits) as number) + low : new Unknown();
    }
  }

  /** An instruction whose meaning does not matter: what it may write becomes unknown. */
  skip(map: number, opcode: number): undefined {
    this.at += immediateSize(map, opcode, this.reg, this.short, this.wide);
    const writesNothing = map === 1 && (opcode === 0x0d || (opcode >= 0x18 && opcode < 0x20));
    if (writesNothing || (map === 0 && opcode === 0x90)) {
      return;
    }
    this.state.comparison = undefined;
    if (!hasModRm(map, opcode)) {
      this.forget(rax, rcx, rdx, rsi, rdi, ...(map === 1 ? [rbx] : []));
      return;
    }
    if (usesVectors(map, opcode)) {
      this.state.vectors[this.reg] = [new Unknown(), new Unknown()];
    } else if (namesRegister(map, opcode)) {
      this.forget(this.reg);
    }
    if (!writesPlace(map, opcode)) {
      // Some of these give a general register what they read from a vector.
      this.forget(...(map === 1 && [0x2c, 0x2d, 0x50, 0xd7].includes(opcode) ? [this.reg] : []));
    } else if ("address" in this.place) {
      this.state.store(this.place.address, map === 0 ? this.bits / 8 : 8, new Unknown());
    } else {
      this.forget(this.place.register);
      this.state.vectors[this.place.register] = [new Unknown(), new Unknown()];
    }
  }

  forget(...registers: number[]): void {
    for (const register of registers) {
      this.state.registers[register] = new Unknown();
    }
  }
}

export function push(state: State, value: Value): void {
  state.registers[rsp] = compute("sub", state.registers[rsp]!, 8, 64);
  state.store(state.registers[rsp]!, 8, value);
}

export function pop(state: State): Value {
  const value = state.load(state.registers[rsp]!, 8);
  state.registers[rsp] = compute("add", state.registers[rsp]!, 8, 64);
  return value;
}
