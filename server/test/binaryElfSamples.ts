/** The smallest extension modules for processors that no compiler here makes code for: other word sizes and byte orders. */

export interface ElfMachine {
  /** `e_machine`. */
  readonly machine: number;
  readonly wide: boolean;
  readonly little: boolean;
  /** Number of the relocation that adds the load address, and whether it carries the address itself. */
  readonly relative: number;
  readonly withAddend: boolean;
}

/** Where things are, in the file as in memory. */
const place = {
  dynamic: 0x100,
  symbols: 0x200,
  strings: 0x280,
  hash: 0x2c0,
  relocations: 0x300,
  names: 0x400,
  definition: 0x500,
  slots: 0x600,
} as const;

const [execSlot, gilSlot] = [2, 4];

/**
 * A library compiled for a free-threaded build, whose hook has no code that could be read.
 * @param gil value of `Py_mod_gil`
 */
export function elfLibrary(
  { machine, wide, little, relative, withAddend }: ElfMachine,
  gil: number,
): Uint8Array {
  const bytes = new Uint8Array(0x700);
  const view = new DataView(bytes.buffer);
  const word = wide ? 8 : 4;
  const putWord = (at: number, value: number) =>
    wide ? view.setBigUint64(at, BigInt(value), little) : view.setUint32(at, value, little);
  const put16 = (at: number, value: number) => view.setUint16(at, value, little);
  const put32 = (at: number, value: number) => view.setUint32(at, value, little);

  bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2, 1]);
  put16(16, 3);
  put16(18, machine);
  const headers = wide ? 64 : 52;
  const headerSize = wide ? 56 : 32;
  putWord(wide ? 32 : 28, headers);
  put16(wide ? 54 : 42, headerSize);
  put16(wide ? 56 : 44, 2);
  [
    [1, 0, bytes.length],
    [2, place.dynamic, 0x100],
  ].forEach(([type, address, size], index) => {
    const at = headers + index * headerSize;
    put32(at, type!);
    put32(at + (wide ? 4 : 24), 6);
    const fields = wide ? [8, 16, 32, 40] : [4, 8, 16, 20];
    [address, address, size, size].forEach((value, field) => {
      putWord(at + fields[field]!, value!);
    });
  });

  // Names: one library's hook, and the function that it calls.
  const hook = "PyInit_sample";
  bytes.set(Buffer.from(`\0${hook}\0PyModuleDef_Init\0`), place.strings);
  const symbolSize = wide ? 24 : 16;
  const symbol = (index: number, name: number, section: number, address: number) => {
    const at = place.symbols + index * symbolSize;
    put32(at, name);
    put16(at + (wide ? 6 : 14), section);
    putWord(at + (wide ? 8 : 4), address);
  };
  symbol(1, 1, 1, place.names + 0x40);
  symbol(2, hook.length + 2, 0, 0);
  // s390x is the one machine whose hash table has entries of 64 bits.
  if (machine === 22) {
    putWord(place.hash, 1);
    putWord(place.hash + 8, 3);
  } else {
    put32(place.hash, 1);
    put32(place.hash + 4, 3);
  }

  // The definition: name and slots are pointers that the loader fills.
  const head = place.definition + (wide ? 32 : 20);
  put32(place.definition + word + 4, 0xffffffff);
  bytes.set(Buffer.from("sample\0"), place.names);
  put32(place.slots, execSlot);
  put32(place.slots + 2 * word, gilSlot);
  putWord(place.slots + 3 * word, gil);
  const entry = word * (withAddend ? 3 : 2);
  const pointers = [
    [head + 3 * word, place.names],
    [head + 7 * word, place.slots],
    [place.slots + word, place.names + 0x40],
  ] as const;
  pointers.forEach(([address, target], index) => {
    const at = place.relocations + index * entry;
    putWord(at, address);
    putWord(at + word, relative);
    putWord(withAddend ? at + 2 * word : address, target);
  });

  const [table, tableSize] = withAddend ? [7, 8] : [17, 18];
  [
    [4, place.hash],
    [5, place.strings],
    [10, 0x40],
    [6, place.symbols],
    [table, place.relocations],
    [tableSize, pointers.length * entry],
  ].forEach(([tag, value], index) => {
    putWord(place.dynamic + index * 2 * word, tag!);
    putWord(place.dynamic + index * 2 * word + word, value!);
  });
  return bytes;
}
