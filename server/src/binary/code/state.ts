/** The state of a processor that runs an initialisation hook on paper, and crossings to which it can go back. */
import type { Image } from "../containers/image.ts";
import { type Mark, PaperMemory } from "./paperMemory.ts";
import type { Comparison } from "./processor.ts";
import { Unknown, type Value } from "./value.ts";

/** All that decides how a way goes on, except memory. */
interface Course {
  readonly comparison: Comparison | undefined;
  readonly pc: number;
  readonly calls: readonly number[];
  readonly gil: Value | undefined;
  readonly initialised: Value | undefined;
  readonly created: Value | undefined;
  readonly failed: boolean;
}

/** What was true at a crossing. Valid until the state goes back to an older one. */
export interface Crossing {
  readonly course: Course;
  readonly registers: readonly Value[];
  readonly vectors: readonly (readonly [Value, Value])[];
  readonly memory: Mark;
  readonly notZero: number;
}

export class State implements Course {
  registers: Value[];
  /** Each vector register as two halves of 8 bytes. */
  vectors: (readonly [Value, Value])[];
  readonly memory: PaperMemory;
  /** Unknowns that a jump has shown not to be zero, in the order of the jumps. */
  private readonly notZero = new Set<Unknown>();
  comparison: Comparison | undefined;
  pc: number;
  /** Where the calls that are under way return to. */
  calls: readonly number[] = [];
  /** Second argument of the last `PyUnstable_Module_SetGIL`. */
  gil: Value | undefined;
  /** Argument of `PyModuleDef_Init`. */
  initialised: Value | undefined;
  /** Argument of `PyModule_Create2`. */
  created: Value | undefined;
  /** Whether an error has been set. */
  failed = false;

  constructor(
    readonly image: Image,
    start: number,
    registerCount: number,
  ) {
    this.pc = start;
    this.registers = Array.from({ length: registerCount }, () => new Unknown());
    this.vectors = Array.from({ length: 32 }, () => [new Unknown(), new Unknown()]);
    this.memory = new PaperMemory(image);
  }

  load(address: Value, size: number): Value {
    return this.memory.load(address, size);
  }

  store(address: Value, size: number, value: Value): void {
    this.memory.store(address, size, value);
  }

  crossing(): Crossing {
    const { comparison, pc, calls, gil, initialised, created, failed } = this;
    return {
      course: { comparison, pc, calls, gil, initialised, created, failed },
      registers: [...this.registers],
      vectors: [...this.vectors],
      memory: this.memory.mark(),
      notZero: this.notZero.size,
    };
  }

  goBackTo(crossing: Crossing): void {
    Object.assign(this, crossing.course);
    this.registers = [...crossing.registers];
    this.vectors = [...crossing.vectors];
    this.memory.undoTo(crossing.memory);
    if (this.notZero.size > crossing.notZero) {
      for (const unknown of [...this.notZero].slice(crossing.notZero)) {
        this.notZero.delete(unknown);
      }
    }
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
    this.registers = this.registers.map(replace);
    this.vectors = this.vectors.map((halves) =>
      halves.includes(unknown) ? [replace(halves[0]), replace(halves[1])] : halves,
    );
    this.memory.learn(unknown, value);
    this.gil = this.gil === undefined ? undefined : replace(this.gil);
  }
}
