/**
 * ELF as the dynamic loader sees it: program headers, dynamic section, symbols and relocations of shared objects; 32 and
 * 64 bit, both byte orders. Section headers are not needed, so stripped files read alike.
 *
 * The containers are read by hand because no package for Node does the part that matters here: elfy, elf-tools, elfinfo
 * and macho list headers, sections and symbols but no relocations or fixups, pe-library knows resources but no imports,
 * exports or base relocations; all want the whole file in memory and trust its counts.
 */
import { type ByteSource, Damaged, Fields, type Work } from "../bytes.ts";
import { relocate } from "./elfRelocations.ts";
import { ElfSymbols } from "./elfSymbols.ts";
import { Image, isHook, type Segment } from "./image.ts";

const architectures: Record<number, string> = {
  3: "i386",
  21: "ppc64",
  22: "s390x",
  40: "arm",
  62: "x86_64",
  183: "arm64",
  243: "riscv64",
};

/** `d_tag`s. */
const tag = { needed: 1, strtab: 5, strsz: 10 } as const;

export function readElf(source: ByteSource, work: Work): Image {
  const head = source.slice(0, Math.min(64, source.size));
  const wide = head[4] === 2;
  const little = head[5] === 1;
  if ((!wide && head[4] !== 1) || (!little && head[5] !== 2)) {
    throw new Damaged("its ELF header is not valid");
  }
  const header = new Fields(head, little);
  const machine = header.u16(18);
  const segments: Segment[] = [];
  let dynamic: { address: number; size: number } | undefined;
  const entrySize = header.u16(wide ? 54 : 42);
  const count = header.u16(wide ? 56 : 44);
  if (entrySize < (wide ? 56 : 32)) {
    throw new Damaged("its program headers are not valid");
  }
  const table = new Fields(source.slice(header.word(wide ? 32 : 28, wide), entrySize * count), little);
  for (let at = 0; at < entrySize * count; at += entrySize) {
    const type = table.u32(at);
    const flags = table.u32(at + (wide ? 4 : 24));
    const fileOffset = table.word(at + (wide ? 8 : 4), wide);
    const address = table.word(at + (wide ? 16 : 8), wide);
    const fileSize = table.word(at + (wide ? 32 : 16), wide);
    const memorySize = table.word(at + (wide ? 40 : 20), wide);
    if (type === 1) {
      const executable = (flags & 1) !== 0;
      segments.push({ address, memorySize, fileOffset, fileSize, executable, writable: (flags & 2) !== 0 });
    } else if (type === 2) {
      dynamic = { address, size: fileSize };
    }
  }
  const imports = new Set<string>();
  const hooks = new Map<string, number>();
  const libraries: string[] = [];
  let symbols: ElfSymbols | undefined;
  const tags = new Map<number, number>();
  const image: Image = new Image(
    {
      container: "elf",
      architecture: architectures[machine] ?? `elf-${machine}`,
      wide,
      little,
      segments,
      hooks,
      imports,
      libraries,
      fixups: () => relocate(image, tags, symbols, machine, work),
    },
    source,
  );
  const needed: number[] = [];
  if (dynamic) {
    readDynamic(image, dynamic.address, dynamic.size, tags, needed, work);
  }
  const strings = tags.has(tag.strtab)
    ? image.fields(tags.get(tag.strtab)!, tags.get(tag.strsz) ?? 0)
    : undefined;
  if (strings) {
    libraries.push(...needed.map((offset) => strings.text(offset) ?? ""));
    symbols = ElfSymbols.read(image, tags, strings, work);
  }
  for (let index = 0; symbols && index < symbols.count; index++) {
    work.spend(8);
    if (!symbols.isDefined(index)) {
      imports.add(symbols.name(index));
    } else if (symbols.isPython(index) && isHook(symbols.name(index))) {
      hooks.set(symbols.name(index), symbols.address(index));
    }
  }
  return image;
}

function readDynamic(
  image: Image,
  address: number,
  size: number,
  tags: Map<number, number>,
  needed: number[],
  work: Work,
): void {
  const { wide } = image.parts;
  const entry = image.wordSize * 2;
  const fields = image.fields(address, size);
  for (let at = 0; fields && at + entry <= size; at += entry) {
    work.spend(1);
    const key = fields.word(at, wide);
    const value = fields.word(at + image.wordSize, wide);
    if (key === 0) {
      return;
    }
    if (key === tag.needed) {
      needed.push(value);
    } else {
      tags.set(key, value);
    }
  }
}
