/**
 * Follows an initialisation hook along all the ways it can take, without running it, and tells with which declaration each
 * way ends that returns something. Calls into the module itself are followed, calls of other libraries are known by name.
 */
import { Arm64 } from "./arm64.ts";
import type { Work } from "./bytes.ts";
import type { Image } from "./image.ts";
import {
  type Comparison,
  type Condition,
  outside,
  type Processor,
  State,
  Unknown,
  type Value,
} from "./machine.ts";
import { X86 } from "./x86.ts";

/** A way through the hook that returns a module or a definition. */
export interface Ending {
  /** Memory as the hook leaves it. */
  readonly state: State;
  readonly result: Value;
}

export interface Followed {
  readonly endings: readonly Ending[];
  /** Ways that were given up, as far as they got: too long, too deep, or through what is no code. */
  readonly abandoned: readonly State[];
  /** True when the hook calls something that is not known: what that does is not known either. */
  readonly opaque: boolean;
}

/** Instructions of one hook. Most take ten, long single-phase ones some thousands. */
const manyInstructions = 60_000;
const manyWays = 3_000;
const deepCalls = 12;
/** Loops that count come to the same place in ever new states; this many are looked at. */
const manyArrivals = 24;

/** Functions that do not come back. */
const noReturn =
  /^(?:_?abort|_?exit|__stack_chk_fail|__assert_fail|__assert_rtn|_?_cxa_throw|_?_cxa_rethrow|_Unwind_Resume|_?_cxa_end_cleanup|Py_FatalError|_Py_FatalErrorFunc|_ZSt\d+(?:terminate|__throw_).*|_ZN.*(?:panic|unwrap_failed|expect_failed).*|_CxxThrowException|__fastfail)$/;

/** With an error set, the import fails whatever the hook returns. */
const setsError =
  /^PyErr_(?:Set(?:String|Object|None|FromErrno\w*|ImportError\w*)|Format\w*|NoMemory|Bad\w+)$/;
const clearsError = /^PyErr_(?:Clear|Print\w*|Fetch|GetRaisedException|WriteUnraisable|Display\w*)$/;

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
export function followHook(image: Image, start: number, work: Work): Followed | undefined {
  const processor = processorOf(image);
  if (!processor) {
    return undefined;
  }
  const first = new State(image, start, processor.registerCount);
  processor.enter(first);
  const ways = [first];
  const endings: Ending[] = [];
  const seen = new Crossings();
  let instructions = 0;
  let started = 0;
  const abandoned: State[] = [];
  let opaque = false;
  for (let state = ways.pop(); state; state = ways.pop()) {
    started += 1;
    if (started > manyWays || instructions > manyInstructions) {
      abandoned.push(state, ...ways);
      break;
    }
    for (;;) {
      instructions += 1;
      work.spend(32);
      if (instructions > manyInstructions) {
        abandoned.push(state);
        break;
      }
      if (state.pc === outside) {
        const result = processor.result(state);
        if (result !== 0 && !state.failed) {
          endings.push({ state, result });
        }
        break;
      }
      if (!image.segmentAt(state.pc)?.executable) {
        abandoned.push(state);
        break;
      }
      const move = processor.step(state);
      if (!move) {
        continue;
      }
      if (move.kind === "stop") {
        break;
      }
      if (move.kind === "branch") {
        const other = branch(state, move.to, move.when, move.of ?? state.comparison);
        if (other) {
          if (seen.arrivedBefore(state)) {
            break;
          }
          // Copying a state costs like some hundred instructions.
          work.spend(4096);
          ways.push(other);
        }
        continue;
      }
      const { kind, to } = move;
      if (kind === "call") {
        processor.pushReturn(state, state.pc);
      }
      if (typeof to === "number") {
        if (kind === "call" && state.calls.length === deepCalls) {
          opaque = true;
          processor.returnFrom(state, new Unknown());
          continue;
        }
        state.calls =
          kind === "call"
            ? [...state.calls, state.pc]
            : kind === "return"
              ? state.calls.slice(0, -1)
              : state.calls;
        state.pc = to;
        continue;
      }
      opaque ||= to.imported === undefined;
      if (kind === "return" || !callOutside(processor, state, to)) {
        break;
      }
      if (state.initialised !== undefined || typeof state.gil === "number") {
        // It has said it; what follows can only fail.
        endings.push({ state, result: state.initialised ?? new Unknown() });
        break;
      }
      state.calls = kind === "jump" ? state.calls.slice(0, -1) : state.calls;
    }
  }
  return { endings, abandoned, opaque };
}

/** @returns whether the way goes on */
function callOutside(processor: Processor, state: State, to: Unknown): boolean {
  const name = to.imported;
  if (name !== undefined && noReturn.test(name)) {
    return false;
  }
  let result: Value = new Unknown();
  if (name === "PyUnstable_Module_SetGIL") {
    state.gil = processor.argument(state, 1);
  } else if (name === "PyModuleDef_Init") {
    state.initialised = processor.argument(state, 0);
    result = state.initialised;
  } else if (name === "PyModule_Create2" || name === "PyModule_FromDefAndSpec2") {
    state.created = processor.argument(state, 0);
  } else if (name !== undefined && setsError.test(name)) {
    state.failed = true;
  } else if (name !== undefined && clearsError.test(name)) {
    state.failed = false;
  } else if (name !== undefined && /^_+cxa_guard_acquire$/.test(name)) {
    // Asks whether something has yet to be initialised: in a hook, it has.
    result = 1;
  }
  processor.returnFrom(state, result);
  return true;
}

/**
 * Lets a state take a conditional jump, or not, or both ways.
 * @returns the state that takes the other way
 */
function branch(
  state: State,
  to: number,
  when: Condition,
  comparison: Comparison | undefined,
): State | undefined {
  const decided = comparison && decide(state, when, comparison);
  if (decided !== undefined) {
    state.pc = decided ? to : state.pc;
    return undefined;
  }
  const taken = state.copy();
  taken.pc = to;
  if (comparison && typeof when === "string") {
    const [equal, other] = when === "equal" ? [taken, state] : [state, taken];
    const { left, right } = comparison;
    if (left instanceof Unknown && typeof right === "number") {
      equal.learn(left, right);
      if (right === 0) {
        other.learnNotZero(left);
      }
    }
  }
  return taken;
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

/** Where ways part: those that come to the same place alike go on alike, so the later one need not be followed. */
class Crossings {
  private readonly states = new Set<string>();
  private readonly counts = new Map<string, number>();

  arrivedBefore(state: State): boolean {
    const say = (value: Value | undefined) =>
      value instanceof Unknown ? (value.imported ?? "?") : `${value}`;
    const place = `${state.pc} ${state.calls.join(" ")}`;
    const declared = [state.gil, state.initialised, state.created].map(say).join();
    const key = `${place} ${declared} ${state.registers.map(say).join()} ${state.fingerprint}`;
    const count = (this.counts.get(`${place} ${declared}`) ?? 0) + 1;
    this.counts.set(`${place} ${declared}`, count);
    const known = this.states.has(key) || count > manyArrivals;
    this.states.add(key);
    return known;
  }
}
