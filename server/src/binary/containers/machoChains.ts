/** `LC_DYLD_CHAINED_FIXUPS`: every pointer that the loader fills holds the distance to the next one of its page. */
import type { Fields, Work } from "../bytes.ts";
import type { Fixups } from "./fixups.ts";
import type { Image } from "./image.ts";

/** Pointer formats that published 64-bit libraries use: targets are addresses, or distances from the start. */
const plain64 = 2;
const offset64 = 6;

/** Bytes of one import, by `imports_format`. */
const importSizes: Record<number, number> = { 1: 4, 2: 8, 3: 16 };

export function readChainedFixups(image: Image, data: Fields, fixups: Fixups, work: Work): void {
  const starts = data.u32(4);
  const imports = readImports(data, work);
  const { segments } = image.parts;
  // Addresses count from the segment that holds the file's header.
  const base = segments.find((one) => one.fileOffset === 0 && one.fileSize > 0)?.address ?? 0;
  const count = data.u32(starts);
  for (let index = 0; index < count; index++) {
    work.spend(4);
    const at = data.u32(starts + 4 + index * 4);
    if (at === 0) {
      continue;
    }
    const start = starts + at;
    const pageSize = data.u16(start + 4);
    const format = data.u16(start + 6);
    const segment = base + data.u64(start + 8);
    const pages = data.u16(start + 20);
    for (let page = 0; page < pages && (format === plain64 || format === offset64); page++) {
      work.spend(4);
      const first = data.u16(start + 22 + page * 2);
      if (first !== 0xffff && (first & 0x8000) === 0) {
        const from = segment + page * pageSize;
        followChain(
          image,
          from + first,
          from + pageSize,
          format === offset64 ? base : 0,
          imports,
          fixups,
          work,
        );
      }
    }
  }
}

function readImports(data: Fields, work: Work): string[] {
  const at = data.u32(8);
  const symbols = data.u32(12);
  const format = data.u32(20);
  const size = importSizes[format];
  const names: string[] = [];
  for (let index = 0, count = data.u32(16); size !== undefined && index < count; index++) {
    work.spend(64);
    const entry = at + index * size;
    const name = format === 3 ? data.u32(entry + 4) : data.u32(entry) >>> 9;
    names.push((data.text(symbols + name, 512) ?? "").replace(/^_/, ""));
  }
  return names;
}

function followChain(
  image: Image,
  from: number,
  end: number,
  base: number,
  imports: readonly string[],
  fixups: Fixups,
  work: Work,
): void {
  for (let address = from; address < end; ) {
    work.spend(64);
    const raw = image.fields(address, 8)?.big64(0);
    if (raw === undefined) {
      return;
    }
    if (raw >> 63n === 1n) {
      const symbol = imports[Number(raw & 0xff_ffffn)];
      if (symbol !== undefined) {
        fixups.bind(address, symbol);
      }
    } else {
      fixups.point(address, base + Number(raw & 0xf_ffff_ffffn));
    }
    const next = Number((raw >> 51n) & 0xfffn) * 4;
    if (next === 0) {
      return;
    }
    address += next;
  }
}
