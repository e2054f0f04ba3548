/** Instructions with an opcode of one byte: moves, arithmetic, comparisons, jumps and calls of general registers. */
import type { Move } from "./processor.ts";
import { compute, signExtend, truncate, Unknown, type Value } from "./value.ts";
import { condition } from "./x86Conditions.ts";
import { type Place, pop, push, rax, rbp, rdx, rsp, type X86Decoder } from "./x86Decoder.ts";

const operations = ["add", "or", undefined, undefined, "and", "sub", "xor", "compare"] as const;

export function oneByte(decoder: X86Decoder, opcode: number): Move | undefined {
  const { state } = decoder;
  const bits = (opcode & 1) === 0 ? 8 : decoder.bits;
  const register = (opcode & 7) | ((decoder.rex & 1) << 3);
  if (opcode < 0x40) {
    const form = opcode & 7;
    if (form < 2) {
      return calculate(
        decoder,
        opcode >> 3,
        decoder.place,
        decoder.get({ register: decoder.reg }, bits),
        bits,
      );
    }
    if (form < 4) {
      return calculate(
        decoder,
        opcode >> 3,
        { register: decoder.reg },
        decoder.get(decoder.place, bits),
        bits,
      );
    }
    return calculate(
      decoder,
      opcode >> 3,
      { register: rax },
      decoder.immediate(bits === 8 ? 1 : decoder.short ? 2 : 4),
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
    const distance = decoder.immediate(1);
    return { kind: "branch", to: decoder.start + decoder.at + distance, when: condition(opcode & 15) };
  }
  if (opcode >= 0xb0 && opcode < 0xb8) {
    return void decoder.set({ register }, 8, decoder.immediate(1));
  }
  if (opcode >= 0xb8 && opcode < 0xc0) {
    return void decoder.set(
      { register },
      decoder.bits,
      decoder.immediate(decoder.wide ? 8 : decoder.short ? 2 : 4),
    );
  }
  switch (opcode) {
    case 0x63:
      return void decoder.set(
        { register: decoder.reg },
        decoder.bits,
        signExtend(decoder.get(decoder.place, 32), 32),
      );
    case 0x68:
      return void push(state, decoder.immediate(decoder.short ? 2 : 4));
    case 0x6a:
      return void push(state, decoder.immediate(1));
    case 0x80:
      return calculate(decoder, decoder.reg & 7, decoder.place, decoder.immediate(1), 8);
    case 0x81:
      return calculate(
        decoder,
        decoder.reg & 7,
        decoder.place,
        decoder.immediate(decoder.short ? 2 : 4),
        bits,
      );
    case 0x83:
      return calculate(decoder, decoder.reg & 7, decoder.place, decoder.immediate(1), bits);
    case 0x84:
    case 0x85:
      return test(decoder, decoder.get({ register: decoder.reg }, bits), bits);
    case 0x86:
    case 0x87: {
      const [old, other] = [decoder.get(decoder.place, bits), decoder.get({ register: decoder.reg }, bits)];
      decoder.set(decoder.place, bits, other);
      return void decoder.set({ register: decoder.reg }, bits, old);
    }
    case 0x88:
    case 0x89:
      return void decoder.set(decoder.place, bits, decoder.get({ register: decoder.reg }, bits));
    case 0x8a:
    case 0x8b:
      return void decoder.set({ register: decoder.reg }, bits, decoder.get(decoder.place, bits));
    case 0x8d:
      return void decoder.set(
        { register: decoder.reg },
        decoder.bits,
        "address" in decoder.place ? decoder.place.address : 0,
      );
    case 0xa8:
      decoder.place = { register: rax };
      return test(decoder, decoder.immediate(1), 8);
    case 0xa9:
      decoder.place = { register: rax };
      return test(decoder, decoder.immediate(decoder.short ? 2 : 4), decoder.bits);
    case 0xc2:
    case 0xc3:
      return { kind: "return", to: pop(state) };
    case 0xc6:
      return void decoder.set(decoder.place, 8, decoder.immediate(1));
    case 0xc7:
      return void decoder.set(decoder.place, bits, decoder.immediate(decoder.short ? 2 : 4));
    case 0xc9:
      state.registers[rsp] = state.registers[rbp]!;
      state.registers[rbp] = pop(state);
      return;
    case 0xcc:
    case 0xf4:
      return { kind: "stop" };
    case 0xe8: {
      const distance = decoder.immediate(4);
      return { kind: "call", to: decoder.start + decoder.at + distance };
    }
    case 0xe9:
    case 0xeb: {
      const distance = decoder.immediate(opcode === 0xe9 ? 4 : 1);
      return { kind: "jump", to: decoder.start + decoder.at + distance };
    }
    case 0xf6:
    case 0xf7:
      if ((decoder.reg & 7) < 2) {
        return test(decoder, decoder.immediate(bits === 8 ? 1 : decoder.short ? 2 : 4), bits);
      }
      decoder.forget(rax, rdx);
      return void decoder.set(decoder.place, bits, new Unknown());
    case 0xfe:
    case 0xff:
      return group5(decoder, opcode, bits);
    default:
      return decoder.skip(0, opcode);
  }
}

function group5(decoder: X86Decoder, opcode: number, bits: number): Move | undefined {
  const operation = decoder.reg & 7;
  if (operation < 2) {
    return calculate(decoder, operation === 0 ? 0 : 5, decoder.place, 1, bits);
  }
  if (opcode === 0xfe) {
    return { kind: "stop" };
  }
  const to = decoder.get(decoder.place, 64);
  if (operation === 6) {
    return void push(decoder.state, to);
  }
  return operation === 2 ? { kind: "call", to } : operation === 4 ? { kind: "jump", to } : { kind: "stop" };
}

function calculate(
  decoder: X86Decoder,
  operation: number,
  place: Place,
  right: Value,
  bits: number,
): undefined {
  const left = decoder.get(place, bits);
  const name = operations[operation];
  if (name === "compare") {
    decoder.state.comparison = { left, right: truncate(right, bits), bits };
    return;
  }
  const sameRegister = name === "sub" && left === right && left instanceof Unknown;
  const value = name === undefined ? new Unknown() : sameRegister ? 0 : compute(name, left, right, bits);
  decoder.set(place, bits, value);
  decoder.state.comparison = { left: value, right: 0, bits };
}

function test(decoder: X86Decoder, right: Value, bits: number): undefined {
  const left = decoder.get(decoder.place, bits);
  const value = left === right ? left : compute("and", left, truncate(right, bits), bits);
  decoder.state.comparison = { left: value, right: 0, bits };
}
