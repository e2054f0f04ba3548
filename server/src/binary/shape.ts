/** Finds module definitions by their shape, for processors whose code is not followed. */
import type { Work } from "./bytes.ts";
import type { Image } from "./containers/image.ts";
import { type Definition, type Memory, readDefinition } from "./definition.ts";

/** Nothing has so many modules in one file. */
const manyDefinitions = 16;

/** @param memory the image before any of its code has run */
export function findDefinitions(image: Image, memory: Memory, work: Work): Definition[] {
  const word = image.wordSize;
  const found = new Map<number, Definition>();
  for (const place of image.fixups.pointing()) {
    work.spend(16);
    // The name follows the head and three more words; the head depends on the build.
    for (const head of image.parts.wide ? [32, 16] : [20, 8]) {
      const address = place - head - 3 * word;
      const definition = found.has(address) ? undefined : readDefinition(memory, address, work);
      const right = definition?.freeThreaded === (head === 32 || head === 20);
      if (definition && right && looksReal(memory, definition, place, word)) {
        found.set(address, definition);
      }
      if (found.size > manyDefinitions) {
        return [];
      }
    }
  }
  // The head of free-threaded builds is hard to mistake, that of others is nearly empty.
  const all = [...found.values()];
  const sure = all.filter((one) => one.freeThreaded);
  return sure.length > 0 ? sure : all;
}

/** The name is one, and the size of its state is sensible. */
function looksReal(memory: Memory, definition: Definition, place: number, word: number): boolean {
  const size = memory.number(place + 2 * word, 4);
  return (
    /^[\p{L}_][\p{L}\p{N}_.]*$/u.test(definition.name ?? "") &&
    size !== undefined &&
    (size === 0xffffffff || size <= 1 << 20)
  );
}
