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
    if (cell && cell.size >= size) {
      return cell.size === size ? cell.value : truncate(cell.value, size * 8);
    }
    if (this.overlaps(address, size)) {
      return new Unknown();
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
        this.memory.delete(at);
        if (at !== address) {
          this.memory.set(at, { size: cell.size, value: new Unknown(), written: true });
        }
      }
    }
    this.memory.set(address, { size, value, written: true });
  }

  /** What the hook has written, else what the file holds: for reading structures when the hook has returned. */
  number(address: number, size: number): number | undefined {
    const cell = this.writtenAt(address);
    if (cell && cell.size >= size) {
      const value = truncate(cell.value, size * 8);
      return typeof value === "number" ? value : undefined;
    }
    return this.overlaps(address, size) ? undefined : this.plain(address, size);
  }

  /** See {@link number}. */
  word(address: number): Word {
    const { image } = this;
    const cell = this.writtenAt(address);
    if (cell && cell.size === image.wordSize) {
      const { value } = cell;
      return typeof value !== "number"
        ? undefined
        : image.segmentAt(value) && value > 4096
          ? { address: value }
          : { number: value };
    }
    const pointer = cell || this.overlaps(address, image.wordSize) ? undefined : image.fixups.get(address);
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
        this.memory.set(address, { ...cell, value });
      }
    }
    this.gil = this.gil === undefined ? undefined : replace(this.gil);
  }

  /** What the hook itself has put there. */
  private writtenAt(address: number): Cell | undefined {
    const cell = this.memory.get(address);
    return cell?.written ? cell : undefined;
  }

  private overlaps(address: number, size: number): boolean {
    for (let at = address - 7; at < address + size; at++) {
      const cell = this.writtenAt(at);
      if (cell && at + cell.size > address && !(at === address && cell.size >= size)) {
        return true;
      }
    }
    return false;
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
