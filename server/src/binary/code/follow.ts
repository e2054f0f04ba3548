/**
 * Follows an initialisation hook along all the ways it can take, without running it, and tells with which declaration each
 * way ends that returns something. Calls into the module itself are followed, calls of other libraries are known by name.
 */
import type { Work } from "../bytes.ts";
import type { Image } from "../containers/image.ts";
import type { Steps } from "../steps.ts";
import { Arm64 } from "./arm64.ts";
import { Arrivals } from "./arrivals.ts";
import { LibraryCalls } from "./libraryCalls.ts";
import { type Comparison, type Condition, type Move, outside, type Processor } from "./processor.ts";
import { type Crossing, State } from "./state.ts";
import { Unknown, type Value } from "./value.ts";
import { X86 } from "./x86.ts";

/** Takes note of how ways through a hook end, and says whether the others still matter. */
export interface Witness {
  /** Instructions after which the rest is given up. */
  readonly patience: number;
  /** A way returns a module or a definition. The state changes afterwards. @returns whether to go on with the others */
  ended(state: State, result: Value): boolean;
  /**
   * A way is given up: too long, too deep, or through what is no code.
   * @param gil what it has passed to `PyUnstable_Module_SetGIL` as far as it got
   * @returns whether to go on with the others
   */
  abandoned(gil: Value | undefined): boolean;
}

export interface Followed {
  /** True when the hook calls something that is not known: what that does is not known either. */
  readonly opaque: boolean;
}

/** A hook that has not come to any end by then is one that loops, or calls through tables that are filled elsewhere. */
const firstEndWithin = 16_000;
const manyWays = 3_000;
const deepCalls = 12;
/** In steps of reading a file, which take about four nanoseconds. */
const instructionCost = 128;

/** @returns undefined for processors whose code is not understood */
function processorOf(image: Image): Processor | undefined {
  const { architecture, container } = image.parts;
  return architecture === "x86_64"
    ? new X86(container === "pe")
    : architecture === "arm64"
      ? new Arm64()
      : undefined;
}

/** @returns undefined for processors whose code is not understood */
export function* followHook(
  image: Image,
  start: number,
  work: Work,
  witness: Witness,
): Steps<Followed | undefined> {
  const processor = processorOf(image);
  return processor && (yield* new Follower(image, start, processor, work, witness).followAll());
}

/** The other way from a crossing, which is taken up later. */
interface Way {
  readonly crossing: Crossing;
  readonly pc: number;
  /** What taking it shows. */
  readonly lesson: Lesson | undefined;
}

interface Lesson {
  readonly about: Unknown;
  /** Undefined: only that it is not zero. */
  readonly value: number | undefined;
}

class Follower {
  private readonly state: State;
  private readonly ways: Way[] = [];
  private readonly arrivals = new Arrivals();
  private readonly libraryCalls: LibraryCalls;
  private instructions = 0;
  private hasEnded = false;
  /** Nothing that is left to follow can change what is known. */
  private finished = false;
  private opaque = false;

  constructor(
    private readonly image: Image,
    start: number,
    private readonly processor: Processor,
    private readonly work: Work,
    private readonly witness: Witness,
  ) {
    this.state = new State(image, start, processor.registerCount);
    this.libraryCalls = new LibraryCalls(processor);
    processor.enter(this.state);
  }

  *followAll(): Steps<Followed> {
    const { state, ways } = this;
    this.follow();
    for (let started = 1; ways.length > 0 && !this.finished; started++) {
      yield;
      const way = ways.pop()!;
      if (started >= manyWays || this.isTired()) {
        this.abandon(way.crossing.course.gil);
        continue;
      }
      state.goBackTo(way.crossing);
      state.pc = way.pc;
      this.learn(way.lesson);
      this.follow();
    }
    return { opaque: this.opaque };
  }

  /** One way to its end. */
  private follow(): void {
    const { state, image, processor } = this;
    for (;;) {
      this.instructions += 1;
      this.work.spend(instructionCost);
      if (state.pc === outside) {
        const result = processor.result(state);
        if (result !== 0 && !state.failed) {
          this.end(result);
        }
        return;
      }
      if (this.isTired() || !image.segmentAt(state.pc)?.executable) {
        this.abandon(state.gil);
        return;
      }
      const move = processor.step(state);
      if (move && !this.move(move)) {
        return;
      }
    }
  }

  private isTired(): boolean {
    return (
      this.instructions > this.witness.patience || (!this.hasEnded && this.instructions > firstEndWithin)
    );
  }

  private end(result: Value): void {
    this.hasEnded = true;
    this.finished ||= !this.witness.ended(this.state, result);
  }

  private abandon(gil: Value | undefined): void {
    this.finished ||= !this.witness.abandoned(gil);
  }

  /** @returns whether the way goes on */
  private move(move: Move): boolean {
    switch (move.kind) {
      case "stop":
        return false;
      case "branch":
        return this.branch(move.to, move.when, move.of ?? this.state.comparison);
      default:
        return typeof move.to === "number" ? this.goTo(move.kind, move.to) : this.leave(move.kind, move.to);
    }
  }

  private goTo(kind: "jump" | "call" | "return", to: number): true {
    const { state, processor } = this;
    if (kind === "call") {
      processor.pushReturn(state, state.pc);
      if (state.calls.length === deepCalls) {
        this.opaque = true;
        processor.returnFrom(state, new Unknown());
        return true;
      }
      state.calls = [...state.calls, state.pc];
    } else if (kind === "return") {
      state.calls = state.calls.slice(0, -1);
    }
    state.pc = to;
    return true;
  }

  /** To another library, or to where nobody knows. */
  private leave(kind: "jump" | "call" | "return", to: Unknown): boolean {
    const { state, processor } = this;
    if (kind === "call") {
      processor.pushReturn(state, state.pc);
    }
    this.opaque ||= to.imported === undefined;
    if (kind === "return" || !this.libraryCalls.call(state, to.imported)) {
      return false;
    }
    if (state.initialised !== undefined || typeof state.gil === "number") {
      // It has said it; what follows can only fail.
      this.end(state.initialised ?? new Unknown());
      return false;
    }
    state.calls = kind === "jump" ? state.calls.slice(0, -1) : state.calls;
    return true;
  }

  /** Takes a conditional jump, or not, or one way now and the other later. @returns whether the way goes on */
  private branch(to: number, when: Condition, comparison: Comparison | undefined): boolean {
    const { state, work } = this;
    const decided = comparison && decide(state, when, comparison);
    if (decided !== undefined) {
      state.pc = decided ? to : state.pc;
      return true;
    }
    if (this.arrivals.arrivedBefore(state)) {
      return false;
    }
    // Keeping the registers costs like some instructions.
    work.spend(1024);
    let taken: Lesson | undefined;
    let passed: Lesson | undefined;
    if (comparison && typeof when === "string") {
      const { left, right } = comparison;
      if (left instanceof Unknown && typeof right === "number") {
        const equal = { about: left, value: right };
        const other = right === 0 ? { about: left, value: undefined } : undefined;
        [taken, passed] = when === "equal" ? [equal, other] : [other, equal];
      }
    }
    this.ways.push({ crossing: state.crossing(), pc: to, lesson: taken });
    this.learn(passed);
    return true;
  }

  private learn(lesson: Lesson | undefined): void {
    if (lesson?.value !== undefined) {
      // All of memory is looked through.
      this.work.spend(8 * this.state.memory.size);
      this.state.learn(lesson.about, lesson.value);
    } else if (lesson) {
      this.state.learnNotZero(lesson.about);
    }
  }
}

function decide(state: State, when: Condition, comparison: Comparison): boolean | undefined {
  const { left, right } = comparison;
  if (typeof when === "function") {
    return when(comparison);
  }
  let equal: boolean | undefined;
  if (typeof left === "number" && typeof right === "number") {
    equal = left === right;
  } else if (left === right) {
    equal = true;
  } else if (
    right === 0 &&
    left instanceof Unknown &&
    (left.imported !== undefined || state.isNotZero(left))
  ) {
    equal = false;
  }
  return equal === undefined ? undefined : equal === (when === "equal");
}
