/** The dynamic symbols of an ELF file, each read when it is asked for: C++ libraries have hundreds of thousands. */
import type { Fields, Work } from "../bytes.ts";
import type { Image } from "./image.ts";

/** `d_tag`s. */
const tag = { hash: 4, symtab: 6, gnuHash: 0x6ffffef5 } as const;

/** Names are longer only where templates of C++ are nested deeply, and those are none of Python's. */
const longName = 512;

export class ElfSymbols {
  private readonly size: number;
  private readonly wide: boolean;

  private constructor(
    private readonly fields: Fields,
    private readonly strings: Fields,
    readonly count: number,
    image: Image,
    private readonly work: Work,
  ) {
    this.wide = image.parts.wide;
    this.size = this.wide ? 24 : 16;
  }

  /** @returns undefined when the file has none */
  static read(
    image: Image,
    tags: ReadonlyMap<number, number>,
    strings: Fields,
    work: Work,
  ): ElfSymbols | undefined {
    const start = tags.get(tag.symtab);
    const count = symbolCount(image, tags, work);
    const fields =
      start === undefined ? undefined : image.fields(start, count * (image.parts.wide ? 24 : 16));
    return fields && new ElfSymbols(fields, strings, count, image, work);
  }

  name(index: number): string {
    this.work.spend(64);
    return this.strings.text(this.fields.u32(index * this.size), longName) ?? "";
  }

  /** Whether the name begins with `Py`, as those of hooks do; cheaper than reading it. */
  isPython(index: number): boolean {
    const at = this.fields.u32(index * this.size);
    return at + 2 < this.strings.length && this.strings.u8(at) === 0x50 && this.strings.u8(at + 1) === 0x79;
  }

  isDefined(index: number): boolean {
    return this.fields.u16(index * this.size + (this.wide ? 6 : 14)) !== 0;
  }

  address(index: number): number {
    return this.fields.word(index * this.size + (this.wide ? 8 : 4), this.wide);
  }
}

/** The dynamic section does not say how many symbols there are; the hash tables do. */
function symbolCount(image: Image, tags: ReadonlyMap<number, number>, work: Work): number {
  const hash = tags.get(tag.hash);
  if (hash !== undefined) {
    // s390x is the one machine whose entries are 64 bits wide here.
    return image.parts.architecture === "s390x"
      ? (image.fields(hash, 16)?.u64(8) ?? 0)
      : (image.fields(hash, 8)?.u32(4) ?? 0);
  }
  const gnu = tags.get(tag.gnuHash);
  const head = gnu === undefined ? undefined : image.fields(gnu, 16);
  if (gnu === undefined || !head) {
    return 0;
  }
  const [bucketCount, firstHashed, bloomCount] = [head.u32(0), head.u32(4), head.u32(8)];
  const buckets = gnu + 16 + bloomCount * image.wordSize;
  const table = image.fields(buckets, bucketCount * 4);
  let last = 0;
  for (let index = 0; table && index < bucketCount; index++) {
    work.spend(1);
    last = Math.max(last, table.u32(index * 4));
  }
  if (last < firstHashed) {
    return firstHashed;
  }
  const chains = buckets + bucketCount * 4;
  for (;;) {
    work.spend(4);
    const link = image.fields(chains + (last - firstHashed) * 4, 4);
    last += 1;
    if (!link || (link.u32(0) & 1) === 1) {
      return last;
    }
  }
}
