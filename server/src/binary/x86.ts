/**
 * Runs x86-64 machine code on paper: the moves, additions, comparisons, jumps and calls that initialisation hooks consist
 * of. All other instructions are only measured, and what they write becomes unknown.
 */
import {
  type Comparison,
  type Condition,
  compute,
  type Move,
  outside,
  type Processor,
  type State,
  signExtend,
  stackTop,
  truncate,
  Unknown,
  type Value,
} from "./machine.ts";
import { hasModRm, immediateSize, namesRegister, usesVectors, writesPlace } from "./x86Lengths.ts";

const [rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi] = [0, 1, 2, 3, 4, 5, 6, 7];

/** Where something is: a register, or memory at an address. */
type Place = { readonly register: number } | { readonly address: Value };

const operations = ["add", "or", undefined, undefined, "and", "sub", "xor", "compare"] as const;

export class X86 implements Processor {
  readonly registerCount = 16;
  private readonly arguments: readonly number[];
  private readonly forgotten: readonly number[];

  /** @param windows whether calls pass arguments as on Windows */
  constructor(windows: boolean) {
    this.arguments = windows ? [rcx, rdx] : [rdi, rsi];
    this.forgotten = windows ? [rax, rcx, rdx, 8, 9, 10, 11] : [rax, rcx, rdx, rsi, rdi, 8, 9, 10, 11];
  }

  enter(state: State): void {
    state.registers[rsp] = stackTop;
    state.store(stackTop, 8, outside);
  }

  argument(state: State, index: 0 | 1): Value {
    return state.registers[this.arguments[index]!]!;
  }

  result(state: State): Value {
    return state.registers[rax]!;
  }

  pushReturn(state: State, address: number): void {
    push(state, address);
  }

  returnFrom(state: State, result: Value): void {
    for (const register of this.forgotten) {
      state.registers[register] = new Unknown();
    }
    state.vectors.fill([new Unknown(), new Unknown()]);
    state.registers[rax] = result;
    const to = pop(state);
    state.pc = typeof to === "number" ? to : 0;
  }

  step(state: State): Move | undefined {
    const bytes = state.image.bytesUpTo(state.pc, 16);
    return bytes ? new Instruction(state, bytes).run() : { kind: "stop" };
  }
}

function push(state: State, value: Value): void {
  state.registers[rsp] = compute("sub", state.registers[rsp]!, 8, 64);
  state.store(state.registers[rsp]!, 8, value);
}

function pop(state: State): Value {
  const value = state.load(state.registers[rsp]!, 8);
  state.registers[rsp] = compute("add", state.registers[rsp]!, 8, 64);
  return value;
}

class Instruction {
  private at = 0;
  private readonly start: number;
  private rex = 0;
  private short = false;
  private repeat = 0;
  private segment = false;
  private reg = 0;
  private place: Place = { register: 0 };

  constructor(
    private readonly state: State,
    private readonly bytes: Uint8Array,
  ) {
    this.start = state.pc;
  }

  run(): Move | undefined {
    let opcode = this.next();
    for (; ; opcode = this.next()) {
      if (opcode === 0x66) {
        this.short = true;
      } else if (opcode === 0xf2 || opcode === 0xf3) {
        this.repeat = opcode;
      } else if (opcode === 0x64 || opcode === 0x65) {
        this.segment = true;
      } else if (![0x2e, 0x36, 0x3e, 0x26, 0x67, 0xf0].includes(opcode)) {
        break;
      }
    }
    if (opcode >= 0x40 && opcode < 0x50) {
      this.rex = opcode;
      opcode = this.next();
    }
    let map = 0;
    if (opcode === 0x0f) {
      opcode = this.next();
      map = 1;
      if (opcode === 0x38 || opcode === 0x3a) {
        map = opcode === 0x38 ? 2 : 3;
        opcode = this.next();
      }
    } else if (opcode === 0xc4 || opcode === 0xc5 || opcode === 0x62) {
      return this.vectorExtension(opcode);
    }
    if (hasModRm(map, opcode)) {
      this.readModRm(immediateSize(map, opcode, this.peek() >> 3, this.short, this.wide));
    }
    const move =
      map === 0 ? this.oneByte(opcode) : map === 1 ? this.twoBytes(opcode) : this.skip(map, opcode);
    // Jumps and returns have set their own way; all others go on behind the instruction.
    if (this.at > this.bytes.length) {
      return { kind: "stop" };
    }
    if (this.state.pc === this.start) {
      this.state.pc = this.start + this.at;
    }
    return move;
  }

  private get wide(): boolean {
    return (this.rex & 8) !== 0;
  }
  private get bits(): number {
    return this.wide ? 64 : this.short ? 16 : 32;
  }

  private peek(): number {
    return this.bytes[this.at] ?? 0;
  }
  private next(): number {
    return this.bytes[this.at++] ?? 0;
  }
  private immediate(size: number): number {
    let value = 0;
    for (let index = 0; index < size; index++) {
      value += this.next() * 2 ** (8 * index);
    }
    return value >= 2 ** (8 * size - 1) ? value - 2 ** (8 * size) : value;
  }

  /** @param following bytes of immediate operand behind the address, which counts from the instruction's end */
  private readModRm(following: number): void {
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
  private isHighByte(register: number, bits: number): boolean {
    return bits === 8 && this.rex === 0 && register >= 4 && register < 8;
  }

  private get(place: Place, bits: number): Value {
    if ("address" in place) {
      return this.state.load(place.address, bits / 8);
    }
    return this.isHighByte(place.register, bits)
      ? new Unknown()
      : truncate(this.state.registers[place.register]!, bits);
  }

  private set(place: Place, bits: number, value: Value): void {
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

  private calculate(operation: number, place: Place, right: Value, bits: number): undefined {
    const left = this.get(place, bits);
    const name = operations[operation];
    if (name === "compare") {
      this.state.comparison = { left, right: truncate(right, bits), bits };
      return;
    }
    const sameRegister = name === "sub" && left === right && left instanceof Unknown;
    const value = name === undefined ? new Unknown() : sameRegister ? 0 : compute(name, left, right, bits);
    this.set(place, bits, value);
    this.state.comparison = { left: value, right: 0, bits };
  }

  private oneByte(opcode: number): Move | undefined {
    const { state } = this;
    const bits = (opcode & 1) === 0 ? 8 : this.bits;
    const register = (opcode & 7) | ((this.rex & 1) << 3);
    if (opcode < 0x40) {
      const form = opcode & 7;
      if (form < 2) {
        return this.calculate(opcode >> 3, this.place, this.get({ register: this.reg }, bits), bits);
      }
      if (form < 4) {
        return this.calculate(opcode >> 3, { register: this.reg }, this.get(this.place, bits), bits);
      }
      return this.calculate(
        opcode >> 3,
        { register: rax },
        this.immediate(bits === 8 ? 1 : this.short ? 2 : 4),
        bits,
      );
    }
    if (opcode < 0x58 && opcode >= 0x50) {
      return void push(state, state.registers[register]!);
    }
    if (opcode >= 0x58 && opcode < 0x60) {
      state.registers[register] = pop(state);
      return;
    }
    if (opcode >= 0x70 && opcode < 0x80) {
      const distance = this.immediate(1);
      return { kind: "branch", to: this.start + this.at + distance, when: condition(opcode & 15) };
    }
    if (opcode >= 0xb0 && opcode < 0xb8) {
      return void this.set({ register }, 8, this.immediate(1));
    }
    if (opcode >= 0xb8 && opcode < 0xc0) {
      return void this.set({ register }, this.bits, this.immediate(this.wide ? 8 : this.short ? 2 : 4));
    }
    switch (opcode) {
      case 0x63:
        return void this.set({ register: this.reg }, this.bits, signExtend(this.get(this.place, 32), 32));
      case 0x68:
        return void push(state, this.immediate(this.short ? 2 : 4));
      case 0x6a:
        return void push(state, this.immediate(1));
      case 0x80:
        return this.calculate(this.reg & 7, this.place, this.immediate(1), 8);
      case 0x81:
        return this.calculate(this.reg & 7, this.place, this.immediate(this.short ? 2 : 4), bits);
      case 0x83:
        return this.calculate(this.reg & 7, this.place, this.immediate(1), bits);
      case 0x84:
      case 0x85:
        return this.test(this.get({ register: this.reg }, bits), bits);
      case 0x86:
      case 0x87: {
        const [one, other] = [this.get(this.place, bits), this.get({ register: this.reg }, bits)];
        this.set(this.place, bits, other);
        return void this.set({ register: this.reg }, bits, one);
      }
      case 0x88:
      case 0x89:
        return void this.set(this.place, bits, this.get({ register: this.reg }, bits));
      case 0x8a:
      case 0x8b:
        return void this.set({ register: this.reg }, bits, this.get(this.place, bits));
      case 0x8d:
        return void this.set(
          { register: this.reg },
          this.bits,
          "address" in this.place ? this.place.address : 0,
        );
      case 0xa8:
        this.place = { register: rax };
        return this.test(this.immediate(1), 8);
      case 0xa9:
        this.place = { register: rax };
        return this.test(this.immediate(this.short ? 2 : 4), this.bits);
      case 0xc2:
      case 0xc3:
        return { kind: "return", to: pop(state) };
      case 0xc6:
        return void this.set(this.place, 8, this.immediate(1));
      case 0xc7:
        return void this.set(this.place, bits, this.immediate(this.short ? 2 : 4));
      case 0xc9:
        state.registers[rsp] = state.registers[rbp]!;
        state.registers[rbp] = pop(state);
        return;
      case 0xcc:
      case 0xf4:
        return { kind: "stop" };
      case 0xe8: {
        const distance = this.immediate(4);
        return { kind: "call", to: this.start + this.at + distance };
      }
      case 0xe9:
      case 0xeb: {
        const distance = this.immediate(opcode === 0xe9 ? 4 : 1);
        return { kind: "jump", to: this.start + this.at + distance };
      }
      case 0xf6:
      case 0xf7:
        if ((this.reg & 7) < 2) {
          return this.test(this.immediate(bits === 8 ? 1 : this.short ? 2 : 4), bits);
        }
        this.forget(rax, rdx);
        return void this.set(this.place, bits, new Unknown());
      case 0xfe:
      case 0xff:
        return this.group5(opcode, bits);
      default:
        return this.skip(0, opcode);
    }
  }

  private group5(opcode: number, bits: number): Move | undefined {
    const operation = this.reg & 7;
    if (operation < 2) {
      return this.calculate(operation === 0 ? 0 : 5, this.place, 1, bits);
    }
    if (opcode === 0xfe) {
      return { kind: "stop" };
    }
    const to = this.get(this.place, 64);
    if (operation === 6) {
      return void push(this.state, to);
    }
    return operation === 2 ? { kind: "call", to } : operation === 4 ? { kind: "jump", to } : { kind: "stop" };
  }

  private test(right: Value, bits: number): undefined {
    const left = this.get(this.place, bits);
    const value = left === right ? left : compute("and", left, truncate(right, bits), bits);
    this.state.comparison = { left: value, right: 0, bits };
  }

  private twoBytes(opcode: number): Move | undefined {
    const { state } = this;
    if (opcode >= 0x80 && opcode < 0x90) {
      const distance = this.immediate(4);
      return { kind: "branch", to: this.start + this.at + distance, when: condition(opcode & 15) };
    }
    const vector = state.vectors;
    const zero = opcode === 0x57 || opcode === 0xef;
    if (zero && "register" in this.place && this.place.register === this.reg) {
      vector[this.reg] = [0, 0];
      return;
    }
    const whole =
      [0x10, 0x28, 0x6f].includes(opcode) &&
      this.repeat !== 0xf2 &&
      (opcode === 0x6f ? this.repeat !== 0 || this.short : this.repeat === 0);
    if (whole) {
      vector[this.reg] = this.loadVector();
      return;
    }
    if (
      [0x11, 0x29, 0x7f].includes(opcode) &&
      (opcode === 0x7f ? this.repeat !== 0 || this.short : this.repeat === 0)
    ) {
      const [low, high] = vector[this.reg]!;
      if ("register" in this.place) {
        vector[this.place.register] = [low, high];
      } else {
        state.store(this.place.address, 8, low);
        state.store(compute("add", this.place.address, 8, 64), 8, high);
      }
      return;
    }
    switch (opcode) {
      case 0x05:
      case 0x0b:
        return { kind: "stop" };
      case 0x6c: // punpcklqdq
        vector[this.reg] = [vector[this.reg]![0], this.loadVector()[0]];
        return;
      case 0x16: // movhps, movlhps
        vector[this.reg] = [vector[this.reg]![0], this.loadVector()[0]];
        return;
      case 0x6e: // movd, movq from a general register
        vector[this.reg] = [this.get(this.place, this.wide ? 64 : 32), 0];
        return;
      case 0x7e:
        if (this.repeat === 0xf3) {
          vector[this.reg] = [this.loadVector()[0], 0];
          return;
        }
        return void this.set(this.place, this.wide ? 64 : 32, vector[this.reg]![0]);
      case 0xd6:
        if ("address" in this.place) {
          state.store(this.place.address, 8, vector[this.reg]![0]);
        }
        return;
      case 0xb6:
      case 0xb7:
        return void this.set(
          { register: this.reg },
          this.bits,
          this.get(this.place, opcode === 0xb6 ? 8 : 16),
        );
      case 0xbe:
      case 0xbf: {
        const from = opcode === 0xbe ? 8 : 16;
        return void this.set({ register: this.reg }, this.bits, signExtend(this.get(this.place, from), from));
      }
    }
    if (opcode >= 0x90 && opcode < 0xa0) {
      return void this.set(this.place, 8, new Unknown());
    }
    return this.skip(1, opcode);
  }

  private loadVector(): [Value, Value] {
    if ("register" in this.place) {
      const [low, high] = this.state.vectors[this.place.register]!;
      return [low, high];
    }
    return [
      this.state.load(this.place.address, 8),
      this.state.load(compute("add", this.place.address, 8, 64), 8),
    ];
  }

  /** An instruction whose meaning does not matter: what it may write becomes unknown. */
  private skip(map: number, opcode: number): undefined {
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

  private forget(...registers: number[]): void {
    for (const register of registers) {
      this.state.registers[register] = new Unknown();
    }
  }

  /** VEX and EVEX: measured only. */
  private vectorExtension(first: number): Move | undefined {
    const second = this.next();
    let map = 1;
    if (first === 0xc5) {
      this.rex = 0x40 | ((~second >> 5) & 4);
    } else {
      this.rex = 0x40 | ((~second >> 5) & 7);
      map = second & (first === 0x62 ? 7 : 31);
      this.at += first === 0x62 ? 2 : 1;
    }
    const opcode = this.next();
    if (map === 0 || map > 3) {
      return { kind: "stop" };
    }
    if (!(map === 1 && opcode === 0x77)) {
      this.readModRm(immediateSize(map, opcode, 0, false, false));
      const { place } = this;
      if ("address" in place) {
        // Up to 64 bytes may be stored.
        for (let offset = 0; offset < 64; offset += 8) {
          this.state.store(compute("add", place.address, offset, 64), 8, new Unknown());
        }
      } else {
        this.state.registers[place.register] = new Unknown();
        this.state.vectors[place.register] = [new Unknown(), new Unknown()];
      }
      this.state.registers[this.reg] = new Unknown();
      this.state.vectors[this.reg] = [new Unknown(), new Unknown()];
      this.at += immediateSize(map, opcode, 0, false, false);
    }
    this.state.comparison = undefined;
    this.state.pc = this.start + this.at;
    return;
  }
}

/** The condition of `jcc`, by its low four bits. */
function condition(code: number): Condition {
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
