/** Reads `PyModuleDef` and slot arrays as CPython lays them out (moduleobject.h, slots.h, object.h). */
import type { Work } from "./bytes.ts";

/** One word of memory: an address, a plain number, or nothing that can be known. */
export type Word = { readonly address: number } | { readonly number: number } | undefined;

/** Memory at the moment when CPython looks at it. */
export interface Memory {
  readonly wide: boolean;
  /** A plain number of 1, 2 or 4 bytes; undefined when unknown. */
  number(address: number, size: number): number | undefined;
  word(address: number): Word;
  text(address: number): string | undefined;
}

/** What a module definition says about the GIL: the slot's value, or that there is no such slot. */
export type GilSlot = "used" | "not-used" | "absent" | "unknown";

export interface Definition {
  readonly address: number;
  readonly name: string | undefined;
  readonly freeThreaded: boolean;
  /** True when it has an array of slots, which multi-phase modules without any slot have not. */
  readonly hasSlots: boolean;
  readonly slots?: number;
  readonly gil: GilSlot;
}

/** Low halves of the reference count of static objects in builds with a GIL: to 3.11, from 3.12 (64 and 32 bit), from 3.14. */
const staticCounts = [1, 0xffffffff, 0x3fffffff, 0xc0000000, 0x50000000, 0x70000000];

/** Longer arrays are no slot arrays. */
const manySlots = 256;

/** @returns the definition at an address, undefined when there is none to be seen */
export function readDefinition(memory: Memory, address: number, work: Work): Definition | undefined {
  work.spend(64);
  const word = memory.wide ? 8 : 4;
  const freeThreaded = hasFreeThreadedHead(memory, address);
  if (freeThreaded === undefined) {
    return undefined;
  }
  // ob_base, m_init, m_index, m_copy; then name, doc, size, methods, slots.
  const head = memory.wide ? (freeThreaded ? 32 : 16) : freeThreaded ? 20 : 8;
  const name = memory.word(address + head + 3 * word);
  const slots = memory.word(address + head + 7 * word);
  const text = name && "address" in name ? memory.text(name.address) : undefined;
  const common = { address, name: text, freeThreaded };
  if (slots === undefined) {
    return { ...common, hasSlots: true, gil: "unknown" };
  }
  if ("number" in slots) {
    return { ...common, hasSlots: false, gil: slots.number === 0 ? "absent" : "unknown" };
  }
  return {
    ...common,
    hasSlots: true,
    slots: slots.address,
    gil: readSlots(memory, slots.address, "definition", work).gil,
  };
}

/**
 * Static objects of a free-threaded build begin with thread id 0, flags and lock, and a local reference count of all ones;
 * the shared count is 0. `PyModuleDef_HEAD_INIT` leaves the rest of the head zero.
 */
function hasFreeThreadedHead(memory: Memory, address: number): boolean | undefined {
  const word = memory.wide ? 8 : 4;
  const isZero = (offset: number) => {
    const found = memory.word(address + offset);
    return found !== undefined && "number" in found && found.number === 0;
  };
  const restIsZero = (from: number) => isZero(from) && isZero(from + word) && isZero(from + 2 * word);
  if (
    memory.number(address + word + 4, 4) === 0xffffffff &&
    isZero(0) &&
    isZero(word + 8) &&
    restIsZero(3 * word + 8)
  ) {
    return true;
  }
  const count = memory.number(address, 4);
  return count !== undefined && staticCounts.includes(count) && isZero(word) && restIsZero(2 * word)
    ? false
    : undefined;
}

export interface Slots {
  readonly gil: GilSlot;
  /** From `Py_mod_abi`: whether free-threaded builds may load it. */
  readonly freeThreaded?: boolean;
}

/** `definition`: `PyModuleDef_Slot` with an `int`; `export`: `PySlot` of 3.15 with a 16-bit number and flags. */
type Layout = "definition" | "export";

/** Numbers of slots; those above 80 are of programs compiled for 3.15. */
const slot = { gil: [4, 87], subslots: 92, moduleSlots: 94, abi: 109 };

export function readSlots(memory: Memory, start: number, layout: Layout, work: Work, nesting = 0): Slots {
  const word = memory.wide ? 8 : 4;
  const [entry, value] = layout === "export" ? [16, 8] : [2 * word, word];
  let freeThreaded: boolean | undefined;
  for (let index = 0; index < manySlots; index++) {
    work.spend(16);
    const at = start + index * entry;
    const id = memory.number(at, layout === "export" ? 2 : 4);
    if (id === undefined) {
      return { gil: "unknown" };
    }
    if (id === 0) {
      return { gil: "absent", ...(freeThreaded === undefined ? {} : { freeThreaded }) };
    }
    if (id > 512) {
      return { gil: "unknown" };
    }
    const found = memory.word(at + value);
    if (slot.gil.includes(id)) {
      const number = found && "number" in found ? found.number : undefined;
      const gil = number === 1 ? "not-used" : number === 0 ? "used" : "unknown";
      return { gil, ...(freeThreaded === undefined ? {} : { freeThreaded }) };
    }
    if (id === slot.abi && found && "address" in found) {
      const flags = memory.number(found.address + 2, 2);
      freeThreaded = flags === undefined ? undefined : (flags & 4) !== 0;
    }
    if ((id === slot.subslots || id === slot.moduleSlots) && found && "address" in found) {
      const inner =
        nesting < 4
          ? readSlots(
              memory,
              found.address,
              id === slot.subslots ? "export" : "definition",
              work,
              nesting + 1,
            )
          : { gil: "unknown" as const };
      if (inner.gil !== "absent") {
        return inner;
      }
    }
  }
  return { gil: "unknown" };
}
