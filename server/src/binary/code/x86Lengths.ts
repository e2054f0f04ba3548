/**
 * How long x86-64 instructions are and what they may write: which have a ModRM byte, how many bytes of immediate operand
 * follow, which change the register or memory that the ModRM byte names.
 */

/** @param map 0 for one-byte opcodes, 1 for `0f`, 2 for `0f 38`, 3 for `0f 3a` */
export function hasModRm(map: number, opcode: number): boolean {
  return map > 1 || modRmTables[map]![opcode] === 1;
}

/** Asked for every instruction, so worked out once. */
const modRmTables = [0, 1].map((map) =>
  Uint8Array.from({ length: 256 }, (_, opcode) => (needsModRm(map, opcode) ? 1 : 0)),
);

function needsModRm(map: number, opcode: number): boolean {
  if (map === 1) {
    const without =
      (opcode >= 0x04 && opcode < 0x0d) ||
      opcode === 0x0e ||
      (opcode >= 0x30 && opcode < 0x38) ||
      opcode === 0x77 ||
      (opcode >= 0x80 && opcode < 0x90) ||
      [0xa0, 0xa1, 0xa2, 0xa8, 0xa9, 0xaa].includes(opcode) ||
      (opcode >= 0xc8 && opcode < 0xd0);
    return !without;
  }
  if (opcode < 0x40) {
    return (opcode & 7) < 4;
  }
  return (
    [0x62, 0x63, 0x69, 0x6b, 0xc0, 0xc1, 0xc4, 0xc5, 0xc6, 0xc7, 0xf6, 0xf7, 0xfe, 0xff].includes(opcode) ||
    (opcode >= 0x80 && opcode < 0x90) ||
    (opcode >= 0xd0 && opcode < 0xd4) ||
    (opcode >= 0xd8 && opcode < 0xe0)
  );
}

/** @param reg the middle bits of the ModRM byte, on which the length of two opcodes depends */
export function immediateSize(
  map: number,
  opcode: number,
  reg: number,
  short: boolean,
  wide: boolean,
): number {
  const full = short ? 2 : 4;
  if (map === 3) {
    return 1;
  }
  if (map === 2) {
    return 0;
  }
  if (map === 1) {
    if (opcode >= 0x80 && opcode < 0x90) {
      return 4;
    }
    return [0x70, 0x71, 0x72, 0x73, 0xa4, 0xac, 0xba, 0xc2, 0xc4, 0xc5, 0xc6].includes(opcode) ? 1 : 0;
  }
  if (opcode < 0x40) {
    return (opcode & 7) === 4 ? 1 : (opcode & 7) === 5 ? full : 0;
  }
  if (opcode >= 0xb8 && opcode < 0xc0) {
    return wide ? 8 : full;
  }
  if (
    (opcode >= 0xb0 && opcode < 0xb8) ||
    (opcode >= 0x70 && opcode < 0x80) ||
    (opcode >= 0xe0 && opcode < 0xe8)
  ) {
    return 1;
  }
  if (opcode >= 0xa0 && opcode < 0xa4) {
    return 8;
  }
  if (opcode === 0xf6 || opcode === 0xf7) {
    return (reg & 7) > 1 ? 0 : opcode === 0xf6 ? 1 : full;
  }
  if ([0x68, 0x69, 0x81, 0xa9, 0xc7].includes(opcode)) {
    return full;
  }
  if ([0x6a, 0x6b, 0x80, 0x83, 0xa8, 0xc0, 0xc1, 0xc6, 0xcd, 0xeb].includes(opcode)) {
    return 1;
  }
  return opcode === 0xe8 || opcode === 0xe9 ? 4 : opcode === 0xc2 ? 2 : opcode === 0xc8 ? 3 : 0;
}

/** Whether the middle bits of the ModRM byte name a vector register. */
export function usesVectors(map: number, opcode: number): boolean {
  if (map > 1) {
    return !(map === 2 && opcode >= 0xf0);
  }
  return (
    map === 1 &&
    ((opcode >= 0x10 && opcode < 0x18) ||
      (opcode >= 0x28 && opcode < 0x30) ||
      (opcode >= 0x50 && opcode < 0x80) ||
      opcode === 0xc2 ||
      (opcode >= 0xc4 && opcode < 0xc7) ||
      opcode >= 0xd0)
  );
}

/** Whether the middle bits of the ModRM byte name a general register; in groups of opcodes they are part of the opcode. */
export function namesRegister(map: number, opcode: number): boolean {
  if (map === 0) {
    return opcode < 0x80 || (opcode >= 0x84 && opcode < 0x8f) || opcode === 0xc4 || opcode === 0xc5;
  }
  return map !== 1 || ![0x00, 0x01, 0xae, 0xba, 0xc7].includes(opcode);
}

/** Opcodes behind `0f` that write where the ModRM byte points: stores of vectors, single bits, shifts, exchanges. */
const writers = [
  0x11, 0x13, 0x17, 0x29, 0x2b, 0x7e, 0x7f, 0xa4, 0xa5, 0xab, 0xac, 0xad, 0xb0, 0xb1, 0xb3, 0xba, 0xbb, 0xc0,
  0xc1, 0xc3, 0xc7, 0xd6, 0xe7,
];

/** Whether the register or memory that the ModRM byte names may be written; only for opcodes that are not followed. */
export function writesPlace(map: number, opcode: number): boolean {
  if (map === 0) {
    return opcode !== 0x69 && opcode !== 0x6b;
  }
  return map === 1 ? writers.includes(opcode) : map === 3 ? opcode >= 0x14 && opcode < 0x18 : opcode === 0xf1;
}
