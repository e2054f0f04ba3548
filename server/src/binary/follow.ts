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
  /** False when some ways were given up: too long, too deep, or through what is no code. */
  readonly complete: boolean;
  /** True when the hook calls something that is not known: what that does is not known either. */
  readonly opaque: boolean;
}

/** Instructions of one hook. Most take ten, long single-phase ones some thousands. */
const manyInstructions = 60_000;
const manyWays = 3_000;
const deepCalls = 12;
/** How often one place is passed in the same situation, before later arrivals count as the same. */
const arrivals = 2;

/** Functions that do not come back. */
const noReturn =
  /^(?:_?abort|_?exit|__stack_chk_fail|__assert_fail|__assert_rtn|_?_cxa_throw|_?_cxa_rethrow|_Unwind_Resume|_?_cxa_end_cleanup|Py_FatalError|_Py_FatalErrorFunc|_ZSt\d+(?:terminate|__throw_).*|_ZN.*(?:panic|unwrap_failed|expect_failed).*|_CxxThrowException|__fastfail)$/;

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
  const seen = new Map<string, number>();
  let instructions = 0;
  let started = 0;
  let complete = true;
  let opaque = false;
  for (let state = ways.pop(); state; state = ways.pop()) {
    started += 1;
    if (started > manyWays) {
      return { endings, complete: false, opaque };
    }
    for (;;) {
      instructions += 1;
      work.spend(32);
      if (instructions > manyInstructions) {
        return { endings, complete: false, opaque };
      }
      if (state.pc === outside) {
        const result = processor.result(state);
        if (result !== 0) {
          endings.push({ state, result });
        }
        break;
      }
      if (!image.segmentAt(state.pc)?.executable) {
        complete = false;
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
          ways.push(other);
        }
        if (arrivedBefore(seen, state)) {
          break;
        }
        continue;
      }
      const { kind, to } = move;
      if (kind === "call") {
        processor.pushReturn(state, state.pc);
      }
      if (typeof to === "number") {
        if (kind === "call" && state.calls.length === deepCalls) {
          complete = false;
          break;
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
      state.calls = kind === "jump" ? state.calls.slice(0, -1) : state.calls;
    }
  }
  return { endings, complete, opaque };
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

/** Ways that meet again with the same declaration go on alike. */
function arrivedBefore(seen: Map<string, number>, state: State): boolean {
  const say = (value: Value | undefined) => (value instanceof Unknown ? "?" : `${value}`);
  const key = [state.pc, ...state.calls, say(state.gil), say(state.initialised), say(state.created)].join();
  const count = (seen.get(key) ?? 0) + 1;
  seen.set(key, count);
  return count > arrivals;
}
