/** PE (`.pyd`) as the loader of Windows sees it: sections, exports, imports and base relocations. */
import { type ByteSource, Damaged, Fields, type Work } from "../bytes.ts";
import { Fixups } from "./fixups.ts";
import { Image, isHook, type Segment } from "./image.ts";

const architectures: Record<number, string> = { 332: "i386", 34404: "x86_64", 43620: "arm64" };

/** More than any library exports or imports from one other. */
const manyNames = 1 << 20;

export function readPe(source: ByteSource, work: Work): Image {
  const start = new Fields(source.slice(0, 64), true).u32(60);
  const head = new Fields(source.slice(start, 24), true);
  if (head.u32(0) !== 0x4550) {
    throw new Damaged("it is a DOS program without a PE header");
  }
  const optionalSize = head.u16(20);
  const optional = new Fields(source.slice(start + 24, optionalSize), true);
  const wide = optional.u16(0) === 0x20b;
  const base = wide ? optional.u64(24) : optional.u32(28);
  const directory = (index: number) => {
    const at = (wide ? 112 : 96) + index * 8;
    const present = index < optional.u32(at - index * 8 - 4) && at + 8 <= optionalSize;
    return present
      ? { address: base + optional.u32(at), size: optional.u32(at + 4) }
      : { address: base, size: 0 };
  };
  const segments: Segment[] = [];
  const count = head.u16(6);
  const table = new Fields(source.slice(start + 24 + optionalSize, count * 40), true);
  for (let at = 0; at < count * 40; at += 40) {
    const flags = table.u32(at + 36);
    const fileSize = Math.min(table.u32(at + 16), table.u32(at + 8) || table.u32(at + 16));
    segments.push({
      address: base + table.u32(at + 12),
      memorySize: Math.max(table.u32(at + 8), fileSize),
      fileOffset: table.u32(at + 20),
      fileSize,
      executable: (flags & 0x2000_0000) !== 0,
      writable: flags >= 0x8000_0000,
    });
  }
  const hooks = new Map<string, number>();
  const imports = new Set<string>();
  const libraries: string[] = [];
  const importSlots = new Map<number, string>();
  const image: Image = new Image(
    {
      container: "pe",
      architecture: architectures[head.u16(4)] ?? `pe-${head.u16(4)}`,
      wide,
      little: true,
      segments,
      hooks,
      imports,
      libraries,
      fixups: () => relocate(image, base, directory(5), importSlots, work),
    },
    source,
  );
  readExports(image, base, directory(0), hooks, work);
  readImports(image, base, directory(1), libraries, importSlots, work);
  for (const symbol of importSlots.values()) {
    imports.add(symbol);
  }
  return image;
}

interface Directory {
  readonly address: number;
  readonly size: number;
}

function readExports(
  image: Image,
  base: number,
  at: Directory,
  hooks: Map<string, number>,
  work: Work,
): void {
  const head = at.size >= 40 ? image.fields(at.address, 40) : undefined;
  if (!head) {
    return;
  }
  const functionCount = Math.min(head.u32(20), manyNames);
  const nameCount = Math.min(head.u32(24), manyNames);
  const functions = image.fields(base + head.u32(28), functionCount * 4);
  const names = image.fields(base + head.u32(32), nameCount * 4);
  const ordinals = image.fields(base + head.u32(36), nameCount * 2);
  for (let index = 0; functions && names && ordinals && index < nameCount; index++) {
    work.spend(8);
    const name = image.text(base + names.u32(index * 4)) ?? "";
    const ordinal = ordinals.u16(index * 2);
    if (isHook(name) && ordinal < functionCount) {
      hooks.set(name, base + functions.u32(ordinal * 4));
    }
  }
}

function readImports(
  image: Image,
  base: number,
  at: Directory,
  libraries: string[],
  slots: Map<number, string>,
  work: Work,
): void {
  const { wide } = image.parts;
  for (let entry = at.address; at.size > 0; entry += 20) {
    work.spend(20);
    const fields = image.fields(entry, 20);
    if (!fields || fields.u32(12) === 0) {
      return;
    }
    libraries.push(image.text(base + fields.u32(12)) ?? "");
    const slotsAt = base + fields.u32(16);
    const namesAt = fields.u32(0) === 0 ? slotsAt : base + fields.u32(0);
    for (let offset = 0; ; offset += image.wordSize) {
      work.spend(8);
      const name = image.fields(namesAt + offset, image.wordSize)?.word(0, wide) ?? 0;
      if (name === 0) {
        break;
      }
      // The top bit marks imports by number, which no function of Python's is.
      if (name < 0x8000_0000) {
        slots.set(slotsAt + offset, image.text(base + name + 2) ?? "");
      }
    }
  }
}

function relocate(
  image: Image,
  base: number,
  at: Directory,
  imports: ReadonlyMap<number, string>,
  work: Work,
): Fixups {
  const fixups = new Fixups();
  for (const [address, symbol] of imports) {
    fixups.bind(address, symbol);
  }
  const { wide } = image.parts;
  const fields = at.size > 0 ? image.fields(at.address, at.size) : undefined;
  for (let block = 0; fields && block + 8 <= at.size; ) {
    const size = fields.u32(block + 4);
    if (size < 8) {
      break;
    }
    for (let entry = block + 8; entry + 2 <= Math.min(block + size, at.size); entry += 2) {
      work.spend(64);
      const value = fields.u16(entry);
      const kind = value >> 12;
      if (kind === 3 || kind === 10) {
        const address = base + fields.u32(block) + (value & 0xfff);
        const target = image.fields(address, image.wordSize)?.word(0, wide);
        if (target !== undefined) {
          fixups.point(address, target);
        }
      }
    }
    block += size;
  }
  return fixups;
}
