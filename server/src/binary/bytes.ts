/**
 * Reads numbers and strings from a file that may be damaged or hostile. Everything that costs anything is counted, and
 * reading stops when the count is spent; nothing outside of the file is ever returned.
 */
import { createHash } from "node:crypto";
import { readSync } from "node:fs";

/** The file contradicts itself or its format. */
export class Damaged extends Error {}

/** More work than any honest extension module needs. */
export class TooMuchWork extends Error {}

/** What one file may cost: bytes looked at and steps taken together. The largest honest modules stay well below. */
export const workLimit = 1 << 25;

export class Work {
  done = 0;
  constructor(readonly limit = workLimit) {}

  spend(amount: number): void {
    this.done += amount;
    if (this.done > this.limit) {
      throw new TooMuchWork("reading it takes more work than an extension module should");
    }
  }
}

export interface ByteSource {
  readonly size: number;
  /** Exactly `length` bytes. @throws Damaged when they are not all in the file */
  slice(offset: number, length: number): Uint8Array;
}

/** A whole file in memory. */
export class MemoryBytes implements ByteSource {
  readonly size: number;
  constructor(
    private readonly content: Uint8Array,
    private readonly work: Work,
  ) {
    this.size = content.length;
  }

  slice(offset: number, length: number): Uint8Array {
    checkRange(offset, length, this.size);
    this.work.spend(length);
    return this.content.subarray(offset, offset + length);
  }
}

const pageSize = 1 << 15;

/**
 * A file read page by page, so that a library of a gigabyte costs what is looked at. Reads are synchronous: they are
 * few and small, and what decides where to read next is what was read before.
 */
export class FileBytes implements ByteSource {
  private readonly pages = new Map<number, Uint8Array>();

  constructor(
    private readonly descriptor: number,
    readonly size: number,
    private readonly work: Work,
  ) {}

  slice(offset: number, length: number): Uint8Array {
    checkRange(offset, length, this.size);
    this.work.spend(length);
    const first = Math.floor(offset / pageSize);
    const last = Math.floor((offset + Math.max(length, 1) - 1) / pageSize);
    if (first === last) {
      const start = offset - first * pageSize;
      return this.page(first).subarray(start, start + length);
    }
    const bytes = new Uint8Array(length);
    for (let index = first; index <= last; index++) {
      const from = Math.max(offset, index * pageSize);
      const to = Math.min(offset + length, (index + 1) * pageSize);
      bytes.set(this.page(index).subarray(from - index * pageSize, to - index * pageSize), from - offset);
    }
    return bytes;
  }

  /** Names the size of the file and all bytes that were looked at: files with equal digests are read alike. */
  digest(): string {
    const hash = createHash("sha256").update(`${this.size}`);
    for (const [index, page] of [...this.pages].sort(([a], [b]) => a - b)) {
      hash.update(`\n${index} ${page.length}\n`).update(page);
    }
    return hash.digest("hex");
  }

  private page(index: number): Uint8Array {
    let page = this.pages.get(index);
    if (!page) {
      const length = Math.min(pageSize, this.size - index * pageSize);
      this.work.spend(length);
      page = new Uint8Array(length);
      for (let filled = 0; filled < length; ) {
        const count = readSync(this.descriptor, page, filled, length - filled, index * pageSize + filled);
        if (count === 0) {
          throw new Damaged("it became shorter while it was read");
        }
        filled += count;
      }
      this.pages.set(index, page);
    }
    return page;
  }
}

/** Part of another source, such as one processor's share of a fat file. */
export class Part implements ByteSource {
  constructor(
    private readonly whole: ByteSource,
    private readonly start: number,
    readonly size: number,
  ) {
    checkRange(start, size, whole.size);
  }

  slice(offset: number, length: number): Uint8Array {
    checkRange(offset, length, this.size);
    return this.whole.slice(this.start + offset, length);
  }
}

function checkRange(offset: number, length: number, size: number): void {
  if (!(offset >= 0 && length >= 0 && offset + length <= size && Number.isSafeInteger(offset + length))) {
    throw new Damaged("it points outside of itself");
  }
}

/** Numbers in one byte order. 64-bit ones above 2^53 lose their low bits, which nothing here compares. */
export class Fields {
  private readonly view: DataView;
  readonly length: number;
  constructor(
    private readonly bytes: Uint8Array,
    private readonly little: boolean,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.length = bytes.length;
  }

  u8(at: number): number {
    return this.bytes[this.within(at, 1)]!;
  }
  u16(at: number): number {
    return this.view.getUint16(this.within(at, 2), this.little);
  }
  u32(at: number): number {
    return this.view.getUint32(this.within(at, 4), this.little);
  }
  i32(at: number): number {
    return this.view.getInt32(this.within(at, 4), this.little);
  }
  big64(at: number): bigint {
    return this.view.getBigUint64(this.within(at, 8), this.little);
  }
  u64(at: number): number {
    const low = this.u32(this.little ? at : at + 4);
    const high = this.u32(this.little ? at + 4 : at);
    return high * 0x1_0000_0000 + low;
  }
  /** Signed. */
  i64(at: number): number {
    const low = this.u32(this.little ? at : at + 4);
    const high = this.i32(this.little ? at + 4 : at);
    return high * 0x1_0000_0000 + low;
  }
  /** A number as wide as a pointer. */
  word(at: number, wide: boolean): number {
    return wide ? this.u64(at) : this.u32(at);
  }

  /** The text up to the next zero byte; undefined when there is none within `longest` bytes. */
  text(at: number, longest = 1024): string | undefined {
    if (!(at >= 0 && at < this.length)) {
      return undefined;
    }
    const end = this.bytes.subarray(0, at + longest).indexOf(0, at);
    return end < 0 ? undefined : Buffer.from(this.bytes.subarray(at, end)).toString("utf8");
  }

  private within(at: number, length: number): number {
    if (!(at >= 0 && at + length <= this.length)) {
      throw new Damaged("a table in it is cut short");
    }
    return at;
  }
}
