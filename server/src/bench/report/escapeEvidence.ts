/** What a result says that matters for choosing a way out. Pure. */
import type { BenchMode, BenchResult, Lane, ReasonKind } from "../result.ts";
import { fastest, type Gain, gainOf, onThreads } from "./ratios.ts";

export const measuredOptions = ["threads", "processes", "subinterpreters", "pypy"] as const;
export type MeasuredOption = (typeof measuredOptions)[number];

/** Against the default build at its best, which is what people have today. */
export interface LaneGain extends Gain {
  /** `2 threads`. */
  readonly workers: string;
  /** Peak memory, as a multiple of today's. */
  readonly memory: number;
}

export interface Evidence {
  /** Names of the two builds: `3.13`, `3.13t`. */
  readonly today: string;
  readonly free: string;
  /** By the lane that stands for each way; absent where none was measured. */
  readonly gains: Readonly<Partial<Record<MeasuredOption, LaneGain>>>;
  /** Why there is no gain: a clause. */
  readonly missing: Readonly<Record<MeasuredOption, string>>;
  /** Who switched the GIL on in the free-threaded lane. */
  readonly gilBack: string | undefined;
  readonly noThreads: boolean;
  readonly usesProcesses: boolean;
  readonly waits: boolean;
  readonly tooLittleWork: boolean;
  /** What keeps threads from scaling, as a clause. */
  readonly bottleneck: string | undefined;
  /** Why the figures cannot carry any advice, as clauses. */
  readonly useless: readonly string[];
  /** Why they cannot deny a gain; one that shows in spite of this is real. */
  readonly doubts: readonly string[];
}

const bottlenecks: Readonly<Partial<Record<ReasonKind, string>>> = {
  "hot-lock": "one hot lock",
  "shared-object": "an object that all threads use",
  "small-tasks": "too little work per task",
  "garbage-collection": "garbage that all threads stop for",
  serialised: "threads that wait for each other",
  contention: "objects or locks that threads share",
  "fixed-worker-count": "a fixed number of threads",
};

const doubtful: Readonly<Partial<Record<ReasonKind, string>>> = {
  noise: "times varied, or the machine was busy",
  "few-rounds": "too few rounds",
  "hardware-limit": "this machine had no cores to spare",
};

/** @returns undefined when the two builds of one version were not both measured */
export function evidenceOf(result: BenchResult): Evidence | undefined {
  const { lanes, mode, reasons } = result;
  const lane = (id: string | undefined) => lanes.find((one) => one.id === id);
  // The newest version is the one to decide about.
  const pair = result.pairs.at(-1);
  const today = lane(pair?.withGil);
  const free = lane(pair?.free);
  if (!today || !free) {
    return undefined;
  }
  const at = fastest(today, mode);
  const byOption: Record<MeasuredOption, Lane | undefined> = {
    threads: free,
    processes: lanes.find(({ workers }) => workers === "processes"),
    subinterpreters: lanes.find(({ workers }) => workers === "subinterpreters"),
    pypy: lanes.find(({ id }) => id.startsWith("pypy")),
  };
  const gains: Partial<Record<MeasuredOption, LaneGain>> = {};
  const missing = {} as Record<MeasuredOption, string>;
  for (const option of measuredOptions) {
    const found = byOption[option];
    if (found) {
      const best = fastest(found, mode);
      const memory = at.peakMiB > 0 ? best.peakMiB / at.peakMiB : 1;
      gains[option] = { ...gainOf(at, best, mode), workers: onThreads(best, found.workers), memory };
    }
    missing[option] =
      result.unavailable.find(({ id }) => id === option || id.startsWith(option))?.reason ??
      notTried(option, mode);
  }
  const has = (kind: ReasonKind) => reasons.some((reason) => reason.kind === kind);
  const clausesOf = (clauses: Readonly<Partial<Record<ReasonKind, string>>>) => [
    ...new Set(reasons.flatMap(({ kind }) => clauses[kind] ?? [])),
  ];
  const oneCore = result.machine.cpus === 1 || today.samples.length === 1;
  return {
    today: today.id,
    free: free.id,
    gains,
    missing,
    gilBack: free.gilEnabled ? (free.gilSwitchedOnBy ?? "something in the program") : undefined,
    noThreads: has("no-threads"),
    usesProcesses: has("uses-processes"),
    waits: has("waits"),
    tooLittleWork: has("short-run") || has("small-tasks"),
    bottleneck: clausesOf(bottlenecks)[0],
    useless: [
      ...(oneCore ? ["they are from one core only"] : []),
      ...(has("short-run") ? ["the program ends too soon"] : []),
      ...(result.rounds === 1 ? ["one round has no interval"] : []),
    ],
    doubts: clausesOf(doubtful),
  };
}

function notTried(option: MeasuredOption, mode: BenchMode): string {
  if (option === "pypy") {
    return "no PyPy was found";
  }
  return mode === "program"
    ? "only the work of a function can be handed to them; benchmark one with --function"
    : "not part of this run";
}

/** `, with 80 % more memory`; nothing when it is not worth a word. */
export function percentMore(multiple: number, of: string): string {
  const percent = Math.round((multiple - 1) * 100);
  return percent >= 20 ? `, with ${percent} % more${of}` : "";
}
