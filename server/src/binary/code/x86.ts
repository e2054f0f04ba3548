/**
 * Runs x86-64 machine code on paper: the moves, additions, comparisons, jumps and calls that initialisation hooks consist
 * of. All other instructions are only measured, and what they write becomes unknown.
 */
import { type Move, outside, type Processor, stackTop } from "./processor.ts";
import type { State } from "./state.ts";
import { Unknown, type Value } from "./value.ts";
import { pop, push, rax, rcx, rdi, rdx, rsi, rsp, X86Decoder } from "./x86Decoder.ts";
import { hasModRm, immediateSize } from "./x86Lengths.ts";
import { oneByte } from "./x86OneByte.ts";
import { twoBytes, vectorExtension } from "./x86TwoBytes.ts";

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
    return bytes ? run(new X86Decoder(state, bytes)) : { kind: "stop" };
  }
}

function run(decoder: X86Decoder): Move | undefined {
  let opcode = decoder.next();
  for (; ; opcode = decoder.next()) {
    if (opcode === 0x66) {
      decoder.short = true;
    } else if (opcode === 0xf2 || opcode === 0xf3) {
      decoder.repeat = opcode;
    } else if (opcode === 0x64 || opcode === 0x65) {
      decoder.segment = true;
    } else if (![0x2e, 0x36, 0x3e, 0x26, 0x67, 0xf0].includes(opcode)) {
      break;
    }
  }
  if (opcode >= 0x40 && opcode < 0x50) {
    decoder.rex = opcode;
    opcode = decoder.next();
  }
  let map = 0;
  if (opcode === 0x0f) {
    opcode = decoder.next();
    map = 1;
    if (opcode === 0x38 || opcode === 0x3a) {
      map = opcode === 0x38 ? 2 : 3;
      opcode = decoder.next();
    }
  } else if (opcode === 0xc4 || opcode === 0xc5 || opcode === 0x62) {
    return vectorExtension(decoder, opcode);
  }
  if (hasModRm(map, opcode)) {
    decoder.readModRm(immediateSize(map, opcode, decoder.peek() >> 3, decoder.short, decoder.wide));
  }
  const move =
    map === 0 ? oneByte(decoder, opcode) : map === 1 ? twoBytes(decoder, opcode) : decoder.skip(map, opcode);
  // Jumps and returns have set their own way; all others go on behind the instruction.
  if (decoder.at > decoder.bytes.length) {
    return { kind: "stop" };
  }
  if (decoder.state.pc === decoder.start) {
    decoder.state.pc = decoder.start + decoder.at;
  }
  return move;
}
