/** Instructions behind `0f`, and those with VEX and EVEX prefixes: vectors, long jumps, moves between sizes. */
import type { Move } from "./processor.ts";
import { compute, signExtend, Unknown, type Value } from "./value.ts";
import { condition } from "./x86Conditions.ts";
import type { X86Decoder } from "./x86Decoder.ts";
import { immediateSize } from "./x86Lengths.ts";

export function twoBytes(decoder: X86Decoder, opcode: number): Move | undefined {
  const { state } = decoder;
  if (opcode >= 0x80 && opcode < 0x90) {
    const distance = decoder.immediate(4);
    return { kind: "branch", to: decoder.start + decoder.at + distance, when: condition(opcode & 15) };
  }
  const vector = state.vectors;
  const zero = opcode === 0x57 || opcode === 0xef;
  if (zero && "register" in decoder.place && decoder.place.register === decoder.reg) {
    vector[decoder.reg] = [0, 0];
    return;
  }
  const whole =
    [0x10, 0x28, 0x6f].includes(opcode) &&
    decoder.repeat !== 0xf2 &&
    (opcode === 0x6f ? decoder.repeat !== 0 || decoder.short : decoder.repeat === 0);
  if (whole) {
    vector[decoder.reg] = loadVector(decoder);
    return;
  }
  if (
    [0x11, 0x29, 0x7f].includes(opcode) &&
    (opcode === 0x7f ? decoder.repeat !== 0 || decoder.short : decoder.repeat === 0)
  ) {
    const [low, high] = vector[decoder.reg]!;
    if ("register" in decoder.place) {
      vector[decoder.place.register] = [low, high];
    } else {
      state.store(decoder.place.address, 8, low);
      state.store(compute("add", decoder.place.address, 8, 64), 8, high);
    }
    return;
  }
  switch (opcode) {
    case 0x05:
    case 0x0b:
      return { kind: "stop" };
    case 0x6c: // punpcklqdq
      vector[decoder.reg] = [vector[decoder.reg]![0], loadVector(decoder)[0]];
      return;
    case 0x16: // movhps, movlhps
      vector[decoder.reg] = [vector[decoder.reg]![0], loadVector(decoder)[0]];
      return;
    case 0x6e: // movd, movq from a general register
      vector[decoder.reg] = [decoder.get(decoder.place, decoder.wide ? 64 : 32), 0];
      return;
    case 0x7e:
      if (decoder.repeat === 0xf3) {
        vector[decoder.reg] = [loadVector(decoder)[0], 0];
        return;
      }
      return void decoder.set(decoder.place, decoder.wide ? 64 : 32, vector[decoder.reg]![0]);
    case 0xd6:
      if ("address" in decoder.place) {
        state.store(decoder.place.address, 8, vector[decoder.reg]![0]);
      }
      return;
    case 0xb6:
    case 0xb7:
      return void decoder.set(
        { register: decoder.reg },
        decoder.bits,
        decoder.get(decoder.place, opcode === 0xb6 ? 8 : 16),
      );
    case 0xbe:
    case 0xbf: {
      const from = opcode === 0xbe ? 8 : 16;
      return void decoder.set(
        { register: decoder.reg },
        decoder.bits,
        signExtend(decoder.get(decoder.place, from), from),
      );
    }
  }
  if (opcode >= 0x90 && opcode < 0xa0) {
    return void decoder.set(decoder.place, 8, new Unknown());
  }
  return decoder.skip(1, opcode);
}

/** VEX and EVEX: measured only. */
export function vectorExtension(decoder: X86Decoder, first: number): Move | undefined {
  const second = decoder.next();
  let map = 1;
  if (first === 0xc5) {
    decoder.rex = 0x40 | ((~second >> 5) & 4);
  } else {
    decoder.rex = 0x40 | ((~second >> 5) & 7);
    map = second & (first === 0x62 ? 7 : 31);
    decoder.at += first === 0x62 ? 2 : 1;
  }
  const opcode = decoder.next();
  if (map === 0 || map > 3) {
    return { kind: "stop" };
  }
  if (!(map === 1 && opcode === 0x77)) {
    decoder.readModRm(immediateSize(map, opcode, 0, false, false));
    const { place } = decoder;
    if ("address" in place) {
      // Up to 64 bytes may be stored.
      for (let offset = 0; offset < 64; offset += 8) {
        decoder.state.store(compute("add", place.address, offset, 64), 8, new Unknown());
      }
    } else {
      decoder.state.registers[place.register] = new Unknown();
      decoder.state.vectors[place.register] = [new Unknown(), new Unknown()];
    }
    decoder.state.registers[decoder.reg] = new Unknown();
    decoder.state.vectors[decoder.reg] = [new Unknown(), new Unknown()];
    decoder.at += immediateSize(map, opcode, 0, false, false);
  }
  decoder.state.comparison = undefined;
  decoder.state.pc = decoder.start + decoder.at;
  return;
}

function loadVector(decoder: X86Decoder): [Value, Value] {
  if ("register" in decoder.place) {
    const [low, high] = decoder.state.vectors[decoder.place.register]!;
    return [low, high];
  }
  return [
    decoder.state.load(decoder.place.address, 8),
    decoder.state.load(compute("add", decoder.place.address, 8, 64), 8),
  ];
}
