/** Decides what is run, how often and in which order. Pure. */
import { buildName, type Interpreter } from "../environment/interpreter.ts";
import type { Pair } from "../environment/pairs.ts";
import { type Cores, defaultThreads } from "./cores.ts";

/** One way of running the program, measured at every thread count. */
export interface LanePlan {
  readonly id: string;
  readonly label: string;
  readonly interpreter: Interpreter;
  /** The free-threaded build with the GIL forced on: separates the build's cost from the parallel gain. */
  readonly forceGil: boolean;
}

export interface Cell {
  readonly lane: LanePlan;
  readonly threads: number;
}

export interface Plan {
  /** Absolute path. */
  readonly file: string;
  readonly lanes: readonly LanePlan[];
  /** Ascending, starts with 1. */
  readonly threads: readonly number[];
  readonly cores: Cores;
  /** Exactly so many rounds, if asked for. */
  readonly rounds: number | undefined;
  /** For all measured rounds together, and the longest that a single run may take, milliseconds. */
  readonly budgetMs: number;
}

/** With no wish: at least and at most so many rounds. */
export const roundLimits = { least: 3, enough: 5, most: 15 };

export function makePlan(
  file: string,
  pairs: readonly Pair[],
  cores: Cores,
  wishes: { threads?: readonly number[]; rounds?: number; budgetMs: number },
): Plan {
  const threads = new Set([1, ...(wishes.threads?.length ? wishes.threads : defaultThreads(cores.count))]);
  return {
    file,
    lanes: pairs.flatMap(lanesOf),
    threads: [...threads].sort((a, b) => a - b),
    cores,
    rounds: wishes.rounds,
    budgetMs: wishes.budgetMs,
  };
}

function lanesOf({ withGil, freeThreaded }: Pair): LanePlan[] {
  const lane = (interpreter: Interpreter, forceGil: boolean): LanePlan => {
    const name = buildName(interpreter);
    return {
      id: forceGil ? `${name}-gil` : name,
      label: forceGil ? `${name}, GIL forced on` : name,
      interpreter,
      forceGil,
    };
  };
  return [lane(withGil, false), lane(freeThreaded, false), lane(freeThreaded, true)];
}

/** Options and environment that make a lane what it is. */
export function laneSettings(
  { lane, threads }: Cell,
  base: Readonly<Record<string, string | undefined>>,
): { options: string[]; env: Record<string, string | undefined> } {
  // The last one is how the editor starts this very program.
  const { PYTHON_GIL: _gil, PYTHON_CPU_COUNT: _count, ELECTRON_RUN_AS_NODE: _node, ...env } = base;
  return {
    options: lane.forceGil ? ["-X", "gil=1"] : [],
    env: {
      ...env,
      // Also in the environment, for interpreters that the program starts itself.
      ...(lane.forceGil && { PYTHON_GIL: "1" }),
      PYTHON_CPU_COUNT: String(threads),
      THREADPROOF_THREADS: String(threads),
    },
  };
}

/** All cells of one round; every other round runs backwards, so that slow drift hits all lanes alike. */
export function roundOrder(plan: Plan, round: number): Cell[] {
  const cells = plan.threads.flatMap((threads) => plan.lanes.map((lane) => ({ lane, threads })));
  return round % 2 === 0 ? cells.reverse() : cells;
}

/**
 * Every lane once at full width, which fills caches and tells about the GIL, and free-threaded lanes at
 * one core too, which tells whether the program listens to the thread count.
 */
export function warmUpCells(plan: Plan): Cell[] {
  const most = plan.threads.at(-1)!;
  const wide = plan.lanes.map((lane) => ({ lane, threads: most }));
  const narrow = plan.lanes.filter(isFree).map((lane) => ({ lane, threads: 1 }));
  return most === 1 ? wide : [...wide, ...narrow];
}

/** A lane in which the GIL ought to be off. */
export function isFree(lane: LanePlan): boolean {
  return lane.interpreter.freeThreaded && !lane.forceGil;
}
