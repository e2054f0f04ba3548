/** Decides what is run, how often and in which order. Pure. */
import { buildName, type Interpreter } from "../environment/interpreter.ts";
import type { Pair } from "../environment/pairs.ts";
import { type Cores, defaultThreads } from "./cores.ts";
import type { BenchedFunction, BenchMode, Lane } from "./result.ts";

/** One way of running the program, measured at every thread count. */
export interface LanePlan {
  readonly id: string;
  readonly label: string;
  readonly interpreter: Interpreter;
  /** The free-threaded build with the GIL forced on: separates the build's cost from the parallel gain. */
  readonly forceGil: boolean;
  readonly workers: Lane["workers"];
  /** Failing in it makes the lane unavailable instead of ending the benchmark. */
  readonly extra: boolean;
}

export interface Cell {
  readonly lane: LanePlan;
  readonly threads: number;
}

export interface Plan {
  /** Absolute path. */
  readonly file: string;
  readonly mode: BenchMode;
  /** In function modes. */
  readonly function: BenchedFunction | undefined;
  readonly lanes: readonly LanePlan[];
  /** The machine's own scaling: independent processes in a loop over integers. */
  readonly hardware: LanePlan;
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

export interface PlanWishes {
  readonly threads?: readonly number[];
  readonly rounds?: number;
  readonly budgetMs: number;
  readonly mode?: BenchMode;
  readonly function?: BenchedFunction;
  readonly pypy?: Interpreter;
}

/** @param pairs at least one */
export function makePlan(file: string, pairs: readonly Pair[], cores: Cores, wishes: PlanWishes): Plan {
  const threads = new Set([1, ...(wishes.threads?.length ? wishes.threads : defaultThreads(cores.count))]);
  const mode = wishes.mode ?? "program";
  const newest = pairs.at(-1)!;
  return {
    file,
    mode,
    function: wishes.function,
    lanes: [
      ...pairs.flatMap(lanesOf),
      ...(mode === "program" ? [] : functionLanes(newest)),
      ...(wishes.pypy ? [pypyLane(wishes.pypy)] : []),
    ],
    hardware: { ...functionLanes(newest)[0]!, id: hardwareId, label: "the machine itself" },
    threads: [...threads].sort((a, b) => a - b),
    cores,
    rounds: wishes.rounds,
    budgetMs: wishes.budgetMs,
  };
}

export const hardwareId = "hardware";

function lanesOf({ withGil, freeThreaded }: Pair): LanePlan[] {
  const lane = (interpreter: Interpreter, forceGil: boolean): LanePlan => {
    const name = buildName(interpreter);
    return {
      id: forceGil ? `${name}-gil` : name,
      label: forceGil ? `${name}, GIL forced on` : name,
      interpreter,
      forceGil,
      workers: "threads",
      extra: false,
    };
  };
  return [lane(withGil, false), lane(freeThreaded, false), lane(freeThreaded, true)];
}

/** Ways out of the GIL that the default build has; they need a function to call, the file alone does not tell where to split. */
function functionLanes({ withGil, version }: Pair): LanePlan[] {
  const lane = (workers: LanePlan["workers"], what: string): LanePlan => ({
    id: workers,
    label: `${version}, ${what}`,
    interpreter: withGil,
    forceGil: false,
    workers,
    extra: true,
  });
  return [lane("processes", "processes"), lane("subinterpreters", "sub-interpreters")];
}

function pypyLane(interpreter: Interpreter): LanePlan {
  return {
    id: "pypy",
    label: `PyPy ${buildName(interpreter)}`,
    interpreter,
    forceGil: false,
    workers: "threads",
    extra: true,
  };
}

/** What tells a program how many workers to start. */
export const workerSources = ["affinity", "PYTHON_CPU_COUNT", "THREADPROOF_THREADS"] as const;
export type WorkerSource = (typeof workerSources)[number];

/**
 * Options and environment that make a lane what it is.
 * @param told the number that each source tells
 */
export function laneSettings(
  lane: LanePlan,
  told: Readonly<Record<WorkerSource, number>>,
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
      PYTHON_CPU_COUNT: String(told.PYTHON_CPU_COUNT),
      THREADPROOF_THREADS: String(told.THREADPROOF_THREADS),
    },
  };
}

/** All sources tell the same number. */
export function toldAll(threads: number): Record<WorkerSource, number> {
  return { affinity: threads, PYTHON_CPU_COUNT: threads, THREADPROOF_THREADS: threads };
}

/** All cells of one round; every other round runs backwards, so that slow drift hits all lanes alike. */
export function roundOrder(plan: Plan, round: number): Cell[] {
  const lanes = [...plan.lanes, plan.hardware];
  const cells = plan.threads.flatMap((threads) => lanes.map((lane) => ({ lane, threads })));
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
  return most === 1 || plan.mode !== "program" ? wide : [...wide, ...narrow];
}

/** A lane in which the GIL ought to be off. */
export function isFree(lane: LanePlan): boolean {
  return lane.interpreter.freeThreaded && !lane.forceGil;
}

/** The lane that the program's reasons speak of: the newest free-threaded build. */
export function chiefLane(plan: Plan): LanePlan | undefined {
  return plan.lanes.filter(isFree).at(-1);
}
