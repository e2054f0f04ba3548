/** The state of a processor that runs an initialisation hook on paper: what is known is a number, the rest has a name. */
import type { Memory, Word } from "./definition.ts";
import type { Image } from "./image.ts";

/** Something not known, but the same wherever it was copied to; or the address of another library's function. */
export class Unknown {
  constructor(readonly imported?: string) {}
}

/** Numbers are addresses or plain numbers; those of 64 bits may be negative. */
export type Value = number | Unknown;

interface Cell {
  readonly size: number;
  readonly value: Value;
  /** False for what was only read: the file still says what is there. */
  readonly written: boolean;
}

/** Last comparison: what the next conditional jump looks at. */
export interface Comparison {
  readonly left: Value;
  readonly right: Value;
  readonly bits: number;
}

/** Where the hook returns to, and where its stack begins; no image is loaded there. */
export const outside = 0x7fff_1000_0000;
export const stackTop = 0x7fff_0000_0000;

export class State implements Memory {
  readonly registers: Value[];
  /** Each vector register as two halves of 8 bytes. */
  readonly vectors: [Value, Value][];
  private memory: Map<number, Cell>;
  /** Changes with the numbers in memory. */
  fingerprint = 0;
  /** Unknowns that a jump has shown not to be zero. */
  private notZero: Set<Unknown>;
  comparison: Comparison | undefined;
  pc: number;
  /** Where the calls that are under way return to. */
  calls: readonly number[] = [];
  /** Second argument of the last `PyUnstable_Module_SetGIL`. */
  gil: Value | undefined;
  /** Argument of `PyModuleDef_Init`. */
  initialised: Value | undefined;
  /** Whether an error has been set. */
  failed = false;
  /** Argument of `PyModule_Create2`. */
  created: Value | undefined;

  constructor(
    readonly image: Image,
    start: number,
    registerCount: number,
  ) {
    this.pc = start;
    this.registers = Array.from({ length: registerCount }, () => new Unknown());
    this.vectors = Array.from({ length: 32 }, () => [new Unknown(), new Unknown()]);
    this.memory = new Map();
    this.notZero = new Set();
  }

  get wide(): boolean {
    return this.image.parts.wide;
  }

  text(address: number): string | undefined {
    return this.image.text(address);
  }

  copy(): State {
    const other: State = Object.create(State.prototype);
    Object.assign(other, this, {
      registers: [...this.registers],
      vectors: [...this.vectors],
      memory: new Map(this.memory),
      notZero: new Set(this.notZero),
    });
    return other;
  }

  load(address: Value, size: number): Value {
    if (typeof address !== "number") {
      return new Unknown();
    }
    const cell = this.memory.get(address);
    if (cell && cell.size === size) {
      return cell.value;
    }
    const written = this.writtenOver(address, size);
    if (written !== undefined) {
      return written;
    }
    const found = this.fromFile(address, size);
    if (typeof found !== "number") {
      // The same place read again gives the same unknown.
      this.memory.set(address, { size, value: found, written: false });
    }
    return found;
  }

  store(address: Value, size: number, value: Value): void {
    if (typeof address !== "number") {
      return;
    }
    for (let at = address - 7; at < address + size; at++) {
      const cell = this.memory.get(at);
      if (cell && at + cell.size > address) {
        this.put(at, at === address ? undefined : { size: cell.size, value: new Unknown(), written: true });
      }
    }
    this.put(address, { size, value, written: true });
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

  isNotZero(value: Unknown): boolean {
    return this.notZero.has(value);
  }

  learnNotZero(value: Unknown): void {
    this.notZero.add(value);
  }

  /** A jump has shown what an unknown is. */
  learn(unknown: Unknown, value: number): void {
    const replace = (one: Value) => (one === unknown ? value : one);
    this.registers.forEach((one, index) => {
      this.registers[index] = replace(one);
    });
    this.vectors.forEach(([low, high], index) => {
      this.vectors[index] = [replace(low), replace(high)];
    });
    for (const [address, cell] of this.memory) {
      if (cell.value === unknown) {
        this.put(address, { ...cell, value });
      }
    }
    this.gil = this.gil === undefined ? undefined : replace(this.gil);
  }

  private put(address: number, cell: Cell | undefined): void {
    const old = this.memory.get(address);
    this.fingerprint ^= (old ? mix(address, old) : 0) ^ (cell ? mix(address, cell) : 0);
    if (cell) {
      this.memory.set(address, cell);
    } else {
      this.memory.delete(address);
    }
  }

  /** What the hook itself has put there; undefined when it has not touched any of it. */
  private writtenOver(address: number, size: number): Value | undefined {
    for (let at = address - 7; at < address + size; at++) {
      const cell = this.memory.get(at);
      if (!cell?.written || at + cell.size <= address) {
        continue;
      }
      const { value } = cell;
      if (at === address && cell.size === size) {
        return value;
      }
      const whole = at <= address && at + cell.size >= address + size && Number.isSafeInteger(value);
      // Part of something larger; the bytes of both processors that are followed are little-endian.
      const part = whole
        ? BigInt.asUintN(size * 8, BigInt(value as number) >> BigInt(8 * (address - at)))
        : undefined;
      return part === undefined ? new Unknown() : Number(part);
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
    const fields = this.image.fields(address, size);
    return fields && (size === 1 ? fields.u8(0) : size === 2 ? fields.u16(0) : fields.u32(0));
  }
}

/** A number for a cell, spread over 32 bits; all unknowns are alike. */
function mix(address: number, { size, value, written }: Cell): number {
  if (!written || typeof value !== "number") {
    return 0;
  }
  let hash = Math.imul((address | 0) ^ Math.imul(size, 0x9e3779b1), 0x85ebca6b) ^ (value | 0);
  hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35) ^ Math.floor(value / 2 ** 32);
  return hash ^ (hash >>> 13);
}

/** The low bits of a value, as an unsigned number below 64 bits. */
export function truncate(value: Value, bits: number): Value {
  if (typeof value !== "number" || bits >= 64) {
    return value;
  }
  const range = 2 ** bits;
  return ((value % range) + range) % range;
}

/** The low bits of a value, as a signed number. */
export function signExtend(value: Value, bits: number): Value {
  const low = truncate(value, bits);
  return typeof low === "number" && bits < 64 && low >= 2 ** (bits - 1) ? low - 2 ** bits : low;
}

/** Only what hooks compute with addresses and constants. */
export function compute(
  operation: "add" | "sub" | "and" | "or" | "xor",
  a: Value,
  b: Value,
  bits: number,
): Value {
  if (operation === "xor" && a === b) {
    return 0;
  }
  if (typeof a !== "number" || typeof b !== "number") {
    const zero = operation === "and" && (a === 0 || b === 0);
    const same = (operation === "and" || operation === "or") && a === b;
    return zero
      ? 0
      : same
        ? a
        : (operation === "or" || operation === "add") && a === 0
          ? b
          : b === 0
            ? a
            : new Unknown();
  }
  if (operation === "add" || operation === "sub") {
    const sum = operation === "add" ? a + b : a - b;
    return Number.isSafeInteger(sum) ? truncate(sum, bits) : new Unknown();
  }
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b)) {
    return new Unknown();
  }
  const [left, right] = [BigInt.asUintN(bits, BigInt(a)), BigInt.asUintN(bits, BigInt(b))];
  const result = operation === "and" ? left & right : operation === "or" ? left | right : left ^ right;
  return Number(bits === 64 ? BigInt.asIntN(64, result) : result);
}

/** What an instruction does to the order of instructions. A missing answer means that the next one follows. */
export type Move =
  | { readonly kind: "jump"; readonly to: Value }
  | { readonly kind: "return"; readonly to: Value }
  | { readonly kind: "call"; readonly to: Value }
  | { readonly kind: "branch"; readonly to: number; readonly when: Condition; readonly of?: Comparison }
  | { readonly kind: "stop" };

/** `decide` gives undefined for conditions that are not followed. */
export type Condition = "equal" | "not-equal" | ((comparison: Comparison) => boolean | undefined);

export interface Processor {
  readonly registerCount: number;
  /** Prepares the stack, so that the hook returns to `outside`. */
  enter(state: State): void;
  /** Runs the instruction at `state.pc`, which is moved behind it. @returns undefined when it only moved on */
  step(state: State): Move | undefined;
  argument(state: State, index: 0 | 1): Value;
  result(state: State): Value;
  /** Puts the address to return to where the called function expects it. */
  pushReturn(state: State, address: number): void;
  /** Ends a call of another library's function: forgets what it may change, gives its result, and returns. */
  returnFrom(state: State, result: Value): void;
}
