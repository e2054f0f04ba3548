/** The smallest extension modules for macOS and Windows, put together by hand: no compiler here makes such files. */

const gilSlot = 4;
const execSlot = 2;

class Writer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }
  u16(at: number, ...values: number[]): void {
    values.forEach((value, index) => {
      this.view.setUint16(at + 2 * index, value, true);
    });
  }
  u32(at: number, ...values: number[]): void {
    values.forEach((value, index) => {
      this.view.setUint32(at + 4 * index, value, true);
    });
  }
  u64(at: number, ...values: (number | bigint)[]): void {
    values.forEach((value, index) => {
      this.view.setBigUint64(at + 8 * index, BigInt(value), true);
    });
  }
  text(at: number, text: string): void {
    this.bytes.set(Buffer.from(`${text}\0`), at);
  }
}

/**
 * An arm64 library without fixups. Its code and names are at 0x800 and 0x900, its pointers from 0x1000 on.
 * @param gil value of `Py_mod_gil`
 * @param commandSize bytes of the load command for the fixups
 * @returns the library, and where that command goes
 */
function bareMachO(gil: number, commandSize: number): { out: Writer; at: number } {
  const out = new Writer(0x2800);
  out.u32(0, 0xfeedfacf, 0x100000c, 0, 8, 5, 3 * 72 + 24 + commandSize);
  let at = 32;
  for (const [name, address, size, protection] of [
    ["__TEXT", 0, 0x1000, 5],
    ["__DATA", 0x1000, 0x1000, 3],
    ["__LINKEDIT", 0x2000, 0x800, 1],
  ] as const) {
    out.u32(at, 0x19, 72);
    out.text(at + 8, name);
    out.u64(at + 24, address, size, address, size);
    out.u32(at + 56, protection, protection);
    at += 72;
  }
  // Symbols: the hook, and the function that it calls.
  out.u32(at, 2, 24, 0x2000, 2, 0x2100, 64);
  out.u32(0x2000, 1, 0x010f);
  out.u64(0x2008, 0x800);
  out.u32(0x2010, 1 + "_PyInit_sample".length + 1, 0x0001);
  out.text(0x2101, "_PyInit_sample");
  out.text(0x2101 + "_PyInit_sample".length + 1, "_PyModuleDef_Init");
  // adrp x0; add x0, x0, #0x100; b stub; stub: adrp x16; ldr x16, [x16]; br x16
  out.u32(0x800, 0xb0000000, 0x91040000, 0x14000002);
  out.u32(0x810, 0xb0000010, 0xf9400210, 0xd61f0200);
  out.text(0x900, "sample");
  out.u32(0x110c, 0xffffffff);
  out.u32(0x1200, execSlot);
  out.u32(0x1210, gilSlot);
  out.u64(0x1218, gil);
  return { out, at: at + 24 };
}

/** With a list of programs that say what to fill (`LC_DYLD_INFO_ONLY`), as older linkers make them. */
export function opcodeMachO(gil: number): Uint8Array {
  const { out, at } = bareMachO(gil, 48);
  const rebases = [0x11, 0x21, 0xb8, 0x02, 0x51, 0x30, 0x18, 0x51, 0x30, 0xa8, 0x01, 0x51, 0x00];
  const name = [...Buffer.from("_PyModuleDef_Init\0")];
  const bindings = [0x11, 0x40, ...name, 0x51, 0x71, 0x00, 0x90, 0x00];
  out.u32(at, 0x8000_0022, 48, 0x2200, rebases.length, 0x2280, bindings.length);
  out.bytes.set(rebases, 0x2200);
  out.bytes.set(bindings, 0x2280);
  // Name and slots of the definition, function of the first slot.
  out.u64(0x1138, 0x900);
  out.u64(0x1158, 0x1200);
  out.u64(0x1208, 0x800);
  return out.bytes;
}

/** With pointers that lead to each other (`LC_DYLD_CHAINED_FIXUPS`). */
export function chainedMachO(gil: number): Uint8Array {
  const { out, at } = bareMachO(gil, 16);
  out.u32(at, 0x8000_0034, 16, 0x2200, 0x100);
  // The chain: import slot, name and slots of the definition, function of the first slot.
  const next = (from: number, to: number) => BigInt((to - from) / 4) << 51n;
  out.u64(0x1000, (1n << 63n) | next(0x1000, 0x1138));
  out.u64(0x1138, 0x900n | next(0x1138, 0x1158));
  out.u64(0x1158, 0x1200n | next(0x1158, 0x1208));
  out.u64(0x1208, 0x800);
  // Fixups: header; starts of three segments, of which the second has pointers; one import.
  out.u32(0x2200, 0, 32, 96, 104, 1, 1, 0);
  out.u32(0x2220, 3, 0, 16, 0);
  out.u32(0x2230, 24);
  out.u16(0x2234, 0x1000, 6);
  out.u64(0x2238, 0x1000);
  out.u32(0x2240, 0);
  out.u16(0x2244, 1, 0);
  out.u32(0x2260, 0);
  out.text(0x2268, "_PyModuleDef_Init");
  return out.bytes;
}

/** Several libraries in one file. */
export function fatMachO(parts: readonly Uint8Array[]): Uint8Array {
  const size = 0x4000;
  const out = new Writer(size * (parts.length + 1));
  out.view.setUint32(0, 0xcafebabe);
  out.view.setUint32(4, parts.length);
  parts.forEach((part, index) => {
    const offset = size * (index + 1);
    [0x100000c, 0, offset, part.length, 14].forEach((value, field) => {
      out.view.setUint32(8 + 20 * index + 4 * field, value);
    });
    out.bytes.set(part, offset);
  });
  return out.bytes;
}

/**
 * An x86-64 library for Windows: code at 0x1000, data from 0x2000 on, counted from where it is loaded.
 * @param gil value of `Py_mod_gil`
 */
export function peLibrary(gil: number): Uint8Array {
  const base = 0x1_8000_0000;
  const out = new Writer(0x1000);
  out.text(0, "MZ");
  out.u32(60, 0x40);
  out.u32(0x40, 0x4550);
  out.u16(0x44, 0x8664, 2);
  out.u16(0x54, 0xf0, 0x2022);
  const optional = 0x58;
  out.u16(optional, 0x20b);
  out.u64(optional + 24, base);
  out.u32(optional + 108, 16);
  out.u32(optional + 112, 0x2500, 0x80, 0x2400, 0x40);
  out.u32(optional + 112 + 40, 0x2600, 16);
  const sections = optional + 0xf0;
  out.text(sections, ".text");
  out.u32(sections + 8, 0x400, 0x1000, 0x400, 0x400);
  out.u32(sections + 36, 0x6000_0020);
  out.text(sections + 40, ".data");
  out.u32(sections + 48, 0x800, 0x2000, 0x800, 0x800);
  out.u32(sections + 76, 0xc000_0040);
  const file = (address: number) => address - (address >= 0x2000 ? 0x1800 : 0xc00);
  // lea rcx, [definition]; jmp [import slot]
  out.bytes.set([0x48, 0x8d, 0x0d], file(0x1000));
  out.u32(file(0x1003), 0x2100 - 0x1007);
  out.bytes.set([0xff, 0x25], file(0x1007));
  out.u32(file(0x1009), 0x2450 - 0x100d);
  out.u32(file(0x210c), 0xffffffff);
  out.u64(file(0x2138), base + 0x2300);
  out.u64(file(0x2158), base + 0x2200);
  out.u32(file(0x2200), execSlot);
  out.u64(file(0x2208), base + 0x1000);
  out.u32(file(0x2210), gilSlot);
  out.u64(file(0x2218), gil);
  out.text(file(0x2300), "sample");
  // Imports: one library, one function.
  out.u32(file(0x2400), 0x2440, 0, 0, 0x2480, 0x2450);
  out.u64(file(0x2440), 0x2460);
  out.u64(file(0x2450), 0x2460);
  out.text(file(0x2462), "PyModuleDef_Init");
  out.text(file(0x2480), "python313t.dll");
  // Exports: one name.
  out.u32(file(0x2514), 1, 1, 0x2540, 0x2544, 0x2548);
  out.u32(file(0x2540), 0x1000, 0x2550);
  out.text(file(0x2550), "PyInit_sample");
  // Base relocations: two pointers of the definition, one of the slots.
  out.u32(file(0x2600), 0x2000, 16);
  out.u16(file(0x2608), 0xa138, 0xa158, 0xa208, 0);
  return out.bytes;
}
