/** What the dynamic loader of ELF writes into memory: `DT_RELA`, `DT_REL`, `DT_RELR` and the tables of the PLT. */
import { Damaged, type Work } from "../bytes.ts";
import type { ElfSymbols } from "./elfSymbols.ts";
import { Fixups } from "./fixups.ts";
import type { Image } from "./image.ts";

/** Relocations that add the load address, by machine; all others that matter name a symbol. */
const relative: Record<number, number> = { 3: 8, 21: 22, 22: 12, 40: 23, 62: 8, 183: 1027, 243: 3 };

/** `d_tag`s. */
const tag = {
  rela: 7,
  relaSize: 8,
  rel: 17,
  relSize: 18,
  pltSize: 2,
  pltKind: 20,
  plt: 23,
  relrSize: 35,
  relr: 36,
};

/** @param machine `e_machine` */
export function relocate(
  image: Image,
  tags: ReadonlyMap<number, number>,
  symbols: ElfSymbols | undefined,
  machine: number,
  work: Work,
): Fixups {
  const { wide } = image.parts;
  const word = image.wordSize;
  const fixups = new Fixups();
  const inPlace = (address: number) => image.fields(address, word)?.word(0, wide);
  const put = (address: number, target: number | undefined) => {
    if (target !== undefined) {
      fixups.point(address, target);
    }
  };

  const table = (start: number | undefined, size: number | undefined, withAddend: boolean) => {
    const entry = word * (withAddend ? 3 : 2);
    if (start === undefined || size === undefined) {
      return;
    }
    const fields = image.fields(start, size);
    if (!fields) {
      throw new Damaged("its relocations are outside of the file");
    }
    for (let at = 0; at + entry <= size; at += entry) {
      work.spend(16);
      const address = fields.word(at, wide);
      const type = wide
        ? fields.u32(at + (image.parts.little ? 8 : 12))
        : fields.u8(at + (image.parts.little ? 4 : 7));
      const index = wide ? fields.u32(at + (image.parts.little ? 12 : 8)) : fields.u32(at + 4) >>> 8;
      const addend = () =>
        withAddend ? (wide ? fields.i64(at + 16) : fields.i32(at + 8)) : (inPlace(address) ?? 0);
      if (type === relative[machine]) {
        put(address, addend());
      } else if (index !== 0) {
        if (!symbols || index >= symbols.count) {
          continue;
        }
        if (symbols.isDefined(index)) {
          // A slot of the PLT holds the way back into the PLT, which is no addend.
          put(address, symbols.address(index) + (withAddend ? addend() : 0));
        } else {
          fixups.bind(address, symbols.name(index));
        }
      }
    }
  };
  table(tags.get(tag.rela), tags.get(tag.relaSize), true);
  table(tags.get(tag.rel), tags.get(tag.relSize), false);
  table(tags.get(tag.plt), tags.get(tag.pltSize), tags.get(tag.pltKind) === tag.rela);

  // RELR: an even entry is an address; an odd one a bitmap of the words that follow.
  const relr = tags.get(tag.relr);
  const relrSize = tags.get(tag.relrSize);
  const fields = relr !== undefined && relrSize !== undefined ? image.fields(relr, relrSize) : undefined;
  let next = 0;
  for (let at = 0; fields && at + word <= fields.length; at += word) {
    work.spend(8 * word);
    const low = fields.u32(at + (image.parts.little || !wide ? 0 : 4));
    if ((low & 1) === 0) {
      const address = fields.word(at, wide);
      put(address, inPlace(address));
      next = address + word;
      continue;
    }
    const high = wide ? fields.u32(at + (image.parts.little ? 4 : 0)) : 0;
    for (let bit = 1; bit < 8 * word; bit++) {
      if ((((bit < 32 ? low : high) >>> (bit % 32)) & 1) === 1) {
        const address = next + (bit - 1) * word;
        put(address, inPlace(address));
      }
    }
    next += (8 * word - 1) * word;
  }
  return fixups;
}
