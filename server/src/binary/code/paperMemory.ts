/**
 * Memory while a hook is followed: what it has written, over what the file holds. Every change can be taken back, so that
 * following another way from a crossing costs what was changed since, and not a copy of everything.
 */

import type { Image } from "../containers/image.ts";
import type { Memory, Word } from "../definition.ts";
import { Unknown, type Value } from "./value.ts";

interface Cell {
  readonly address: number;
  readonly size: number;
  readonly value: Value;
  /** False for what was only read: the file still says what is there. */
  readonly written: boolean;
}

/** A moment to come back to. */
export interface Mark {
  readonly changes: number;
  readonly fingerprint: number;
}

const none: readonly Cell[] = [];

export class PaperMemory implements Memory {
  /** Cells by the aligned 8 bytes that they begin in. */
  private readonly cells = new Map<number, readonly Cell[]>();
  /** What stood there before each change, oldest first. */
  private readonly changes: { readonly index: number; readonly before: readonly Cell[] }[] = [];
  /** Changes with the numbers in memory. */
  fingerprint = 0;

  constructor(readonly image: Image) {}

  get wide(): boolean {
    return this.image.parts.wide;
  }

  /** How much there is to look through. */
  get size(): number {
    return this.cells.size;
  }

  mark(): Mark {
    return { changes: this.changes.length, fingerprint: this.fingerprint };
  }

  undoTo(mark: Mark): void {
    while (this.changes.length > mark.changes) {
      const { index, before } = this.changes.pop()!;
      if (before.length === 0) {
        this.cells.delete(index);
      } else {
        this.cells.set(index, before);
      }
    }
    this.fingerprint = mark.fingerprint;
  }

  text(address: number): string | undefined {
    return this.image.text(address);
  }

  load(address: Value, size: number): Value {
    if (!isUsable(address)) {
      return new Unknown();
    }
    const cell = this.cellAt(address, size);
    if (cell) {
      return cell.value;
    }
    const written = this.writtenOver(address, size);
    if (written !== undefined) {
      return written;
    }
    const found = this.fromFile(address, size);
    if (typeof found !== "number") {
      // The same place read again gives the same unknown.
      this.put({ address, size, value: found, written: false });
    }
    return found;
  }

  store(address: Value, size: number, value: Value): void {
    if (!isUsable(address)) {
      return;
    }
    const [first, last] = reach(address, size);
    for (let index = first; index <= last; index++) {
      for (const cell of this.cells.get(index) ?? none) {
        if (cell.address !== address && overlaps(cell, address, size)) {
          this.put({ ...cell, value: new Unknown(), written: true });
        }
      }
    }
    this.put({ address, size, value, written: true });
  }

  /** Replaces an unknown by what it has turned out to be. */
  learn(unknown: Unknown, value: number): void {
    for (const cells of [...this.cells.values()]) {
      for (const cell of cells) {
        if (cell.value === unknown) {
          this.put({ ...cell, value });
        }
      }
    }
  }

  /** What the hook has written, else what the file holds: for reading structures when the hook has returned. */
  number(address: number, size: number): number | undefined {
    const written = this.writtenOver(address, size);
    return written === undefined
      ? this.plain(address, size)
      : typeof written === "number"
        ? written
        : undefined;
  }

  /** See {@link number}. */
  word(address: number): Word {
    const { image } = this;
    const written = this.writtenOver(address, image.wordSize);
    if (written !== undefined) {
      const known = typeof written === "number";
      return !known
        ? undefined
        : written > 4096 && image.segmentAt(written)
          ? { address: written }
          : { number: written };
    }
    const pointer = image.fixups.get(address);
    if (pointer) {
      return "address" in pointer ? pointer : undefined;
    }
    const number = this.number(address, 4);
    const high = image.parts.wide ? this.number(address + 4, 4) : 0;
    if (number === undefined || high === undefined) {
      return undefined;
    }
    return {
      number: image.parts.little || !image.parts.wide ? number + high * 2 ** 32 : high + number * 2 ** 32,
    };
  }

  /** Whether what is at an address stands in the file and the hook has not touched it. */
  isFromFile(address: number, size: number): boolean {
    return this.writtenOver(address, size) === undefined && this.image.bytes(address, size) !== undefined;
  }

  /** Puts a cell in the place of the one that begins at its address. */
  private put(cell: Cell): void {
    const index = Math.floor(cell.address / 8);
    const before = this.cells.get(index) ?? none;
    this.changes.push({ index, before });
    const old = before.find(({ address }) => address === cell.address);
    this.fingerprint ^= (old ? mix(old) : 0) ^ mix(cell);
    this.cells.set(index, old ? before.map((one) => (one === old ? cell : one)) : [...before, cell]);
  }

  private cellAt(address: number, size: number): Cell | undefined {
    for (const cell of this.cells.get(Math.floor(address / 8)) ?? none) {
      if (cell.address === address && cell.size === size) {
        return cell;
      }
    }
    return undefined;
  }

  /** What the hook itself has put there; undefined when it has not touched any of it. */
  private writtenOver(address: number, size: number): Value | undefined {
    if (this.cells.size === 0 || !isUsable(address)) {
      return undefined;
    }
    const exact = this.cellAt(address, size);
    if (exact?.written) {
      return exact.value;
    }
    const [first, last] = reach(address, size);
    for (let index = first; index <= last; index++) {
      for (const cell of this.cells.get(index) ?? none) {
        if (!cell.written || !overlaps(cell, address, size)) {
          continue;
        }
        const { value } = cell;
        const whole =
          cell.address <= address &&
          cell.address + cell.size >= address + size &&
          Number.isSafeInteger(value);
        // Part of something larger; the bytes of both processors that are followed are little-endian.
        const part = whole
          ? BigInt.asUintN(size * 8, BigInt(value as number) >> BigInt(8 * (address - cell.address)))
          : undefined;
        return part === undefined ? new Unknown() : Number(part);
      }
    }
    return undefined;
  }

  /** Variables may have changed since the file was loaded; constants and pointers that the loader fills have not. */
  private fromFile(address: number, size: number): Value {
    const pointer = size === this.image.wordSize ? this.image.fixups.get(address) : undefined;
    if (pointer) {
      return "address" in pointer ? pointer.address : new Unknown(pointer.symbol);
    }
    const segment = this.image.segmentAt(address);
    if (segment && size === 1 && address >= segment.address + segment.fileSize) {
      // What is initialised once is guarded by such a flag, and a hook runs once.
      return 0;
    }
    if (!segment || segment.writable) {
      return new Unknown();
    }
    if (size === 8) {
      return this.image.fields(address, 8)?.u64(0) ?? new Unknown();
    }
    return this.plain(address, size) ?? new Unknown();
  }

  private plain(address: number, size: number): number | undefined {
    const bytes = this.image.bytes(address, size);
    if (!bytes) {
      return undefined;
    }
    let value = 0;
    for (let index = 0; index < size; index++) {
      value = value * 256 + bytes[this.image.parts.little ? size - 1 - index : index]!;
    }
    return value;
  }
}

/** Numbers so large that neighbours cannot be told apart are no addresses: a loop over them would never end. */
function isUsable(address: Value): address is number {
  return typeof address === "number" && Math.abs(address) < 2 ** 52;
}

/** The first and last aligned 8 bytes in which a cell can begin that touches these bytes. */
function reach(address: number, size: number): [number, number] {
  return [Math.floor((address - 7) / 8), Math.floor((address + size - 1) / 8)];
}

function overlaps(cell: Cell, address: number, size: number): boolean {
  return cell.address < address + size && cell.address + cell.size > address;
}

/** A number for a cell, spread over 32 bits; all unknowns are alike. */
function mix({ address, size, value, written }: Cell): number {
  if (!written || typeof value !== "number") {
    return 0;
  }
  let hash = Math.imul((address | 0) ^ Math.imul(size, 0x9e3779b1), 0x85ebca6b) ^ (value | 0);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35) ^ Math.floor(value / 2 ** 32);
  return hash ^ (hash >>> 13);
}
