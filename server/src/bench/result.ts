/**
 * The benchmark's result, version 1: what `--format json` prints and the editor draws. Whatever could not be
 * measured or concluded is absent, never a made-up figure. All times are milliseconds.
 */
import { z } from "zod";

/** What a thread count means. */
export const benchModes = [
  /** The whole file as `__main__`, allowed so many cores and told the number. */
  "program",
  /** A function, called by so many workers at once, each its own call: ideal is the same time. */
  "function-weak",
  /** A function whose work is split over so many workers: ideal is the time divided by them. */
  "function-strong",
] as const;

export const sampleSchema = z.strictObject({
  /** Cores the program was allowed, and the worker count it was told; in function modes, the workers. */
  threads: z.number().int().positive(),
  /** Wall time of the work itself, without the interpreter's start: median and its interval. */
  medianMs: z.number().nonnegative(),
  lowMs: z.number().nonnegative(),
  highMs: z.number().nonnegative(),
  /** Every measured time, in the order of the rounds, and those of them far off the others. */
  rawMs: z.array(z.number().nonnegative()),
  outliersMs: z.array(z.number().nonnegative()),
  /**
   * How many times as much work per second as the same lane on one worker, and the interval that the ends of
   * both times leave open.
   */
  speedup: z.number().nonnegative(),
  speedupLow: z.number().nonnegative(),
  speedupHigh: z.number().nonnegative(),
  /** Speedup divided by threads: 1 is ideal. */
  efficiency: z.number().nonnegative(),
  /** Largest resident memory in any round, MiB; of all workers together where they are processes. */
  peakMiB: z.number().nonnegative(),
  /** Cores that computed for the program on average: CPU time over wall time. */
  busyCores: z.number().nonnegative(),
});

/** A law of scaling fitted to a lane; only for four or more thread counts within the machine's cores. */
export const fitSchema = z.strictObject({
  /** Amdahl: the share of the work that runs on one thread whatever the others do, 0 to 1. */
  serialFraction: z.number(),
  /** How far the law's speedups are off the measured ones: root mean square, as a share. */
  amdahlError: z.number().nonnegative(),
  /** Universal Scalability Law: waiting for each other, and keeping each other up to date. */
  contention: z.number(),
  coherency: z.number(),
  uslError: z.number().nonnegative(),
});

export const laneWorkers = ["threads", "processes", "subinterpreters"] as const;

export const laneSchema = z.strictObject({
  /** `3.13`, `3.13t`, `3.13t-gil`, `processes`, `subinterpreters`, `pypy`. */
  id: z.string(),
  label: z.string(),
  workers: z.enum(laneWorkers),
  /** The executable. */
  python: z.string(),
  pythonVersion: z.string(),
  freeThreaded: z.boolean(),
  /** As asserted inside the runs, at the start and end of each: true as soon as one run had the GIL on. */
  gilEnabled: z.boolean(),
  /** The module whose import switched the GIL on in a lane that ought to run without it. */
  gilSwitchedOnBy: z.string().optional(),
  /** Time until all workers were ready, outside the measured time: the price of processes and sub-interpreters. */
  startMs: z.number().nonnegative().optional(),
  samples: z.array(sampleSchema).min(1),
  fit: fitSchema.optional(),
});

/** A lane that was wanted and could not be measured; `reason` is a clause: "3.12 has no sub-interpreters …". */
export const unavailableSchema = z.strictObject({ id: z.string(), reason: z.string().min(1) });

/** The two builds of one version against each other. */
export const pairSchema = z.strictObject({
  /** Ids of lanes. */
  withGil: z.string(),
  free: z.string(),
  /** How many times as long one thread takes without the GIL: 1.4 is 40 % longer. */
  singleThreadCost: z.number().nonnegative(),
  singleThreadCostLow: z.number().nonnegative(),
  singleThreadCostHigh: z.number().nonnegative(),
  /** The fewest threads measured on which the free-threaded build beats the other at its best; null: none did. */
  breakEvenThreads: z.number().int().positive().nullable(),
});

/** What this machine can do at all: independent processes, each in a loop over its own integers. */
export const hardwareSchema = z.strictObject({
  threads: z.number().int().positive(),
  medianMs: z.number().nonnegative(),
  lowMs: z.number().nonnegative(),
  highMs: z.number().nonnegative(),
  /** The most that a program on so many cores could have gained while this was measured. */
  speedup: z.number().nonnegative(),
  speedupLow: z.number().nonnegative(),
  speedupHigh: z.number().nonnegative(),
});

export const machineSchema = z.strictObject({
  system: z.string(),
  cpu: z.string(),
  /** Logical CPUs this process may use, and the physical cores among them where the system tells. */
  cpus: z.number().int().positive(),
  physicalCores: z.number().int().positive().optional(),
  /** CPUs that a container's quota leaves. */
  quotaCpus: z.number().positive().optional(),
  onBattery: z.boolean().optional(),
  /** Processes that wanted a core on average over a minute; 0 where the system does not tell. */
  loadBefore: z.number().nonnegative(),
  loadAfter: z.number().nonnegative(),
});

/** What tells the program how many workers to start. Found in the warm-up, in program mode only. */
export const listensToSchema = z.strictObject({
  affinity: z.boolean(),
  PYTHON_CPU_COUNT: z.boolean(),
  THREADPROOF_THREADS: z.boolean(),
  /** Threads started when told the least and the most. */
  threadsAtLeast: z.number().int().nonnegative(),
  threadsAtMost: z.number().int().nonnegative(),
  /** The program starts so many threads whatever it is told. */
  hardCoded: z.number().int().positive().optional(),
});

export const benchedFunctionSchema = z.strictObject({
  name: z.string(),
  line: z.number().int().positive(),
  /** As written: `n=1000`. */
  arguments: z.string(),
  /** The argument that is split in `function-strong`. */
  splits: z.string().optional(),
  /** Calls of each worker in one measured run. */
  calls: z.number().int().positive(),
});

export const reasonKinds = [
  "gil-enabled",
  "single-thread-cost",
  "no-threads",
  "fixed-worker-count",
  "uses-processes",
  "waits",
  "hot-lock",
  "shared-object",
  "small-tasks",
  "garbage-collection",
  "serialised",
  "contention",
  "hardware-limit",
  "short-run",
  "noise",
  "few-rounds",
  "parity",
  "quota",
  "hyper-threads",
  "battery",
  "more-threads-than-cores",
  "no-affinity",
  "lane-unavailable",
  "output",
  "left-processes",
  "method",
] as const;

/** A place in the program, 1-based. */
export const linkSchema = z.strictObject({ path: z.string(), line: z.number().int().positive() });

export const reasonSchema = z.strictObject({
  kind: z.enum(reasonKinds),
  message: z.string().min(1),
  /** What was measured or read that the message rests on, as one sentence. */
  evidence: z.string().optional(),
  link: linkSchema.optional(),
});

export const benchResultSchema = z.strictObject({
  version: z.literal(1),
  /** Absolute path of the program. */
  file: z.string(),
  mode: z.enum(benchModes),
  /** In function modes. */
  function: benchedFunctionSchema.optional(),
  /** When it began, ISO 8601. */
  startedAt: z.string(),
  rounds: z.number().int().positive(),
  lanes: z.array(laneSchema).min(1),
  unavailable: z.array(unavailableSchema),
  pairs: z.array(pairSchema),
  /** One entry per thread count. */
  hardware: z.array(hardwareSchema),
  machine: machineSchema,
  listensTo: listensToSchema.optional(),
  /** One sentence that a person can repeat. */
  verdict: z.string().min(1),
  /** Why the figures are what they are, most important first. */
  reasons: z.array(reasonSchema),
  /** Does the same again, quoted for a shell. */
  commandLine: z.string(),
});

export type BenchMode = (typeof benchModes)[number];
export type Sample = z.infer<typeof sampleSchema>;
export type Fit = z.infer<typeof fitSchema>;
export type Lane = z.infer<typeof laneSchema>;
export type PairFigures = z.infer<typeof pairSchema>;
export type HardwareSample = z.infer<typeof hardwareSchema>;
export type Machine = z.infer<typeof machineSchema>;
export type ListensTo = z.infer<typeof listensToSchema>;
export type BenchedFunction = z.infer<typeof benchedFunctionSchema>;
export type ReasonKind = (typeof reasonKinds)[number];
export type Link = z.infer<typeof linkSchema>;
export type Reason = z.infer<typeof reasonSchema>;
export type BenchResult = z.infer<typeof benchResultSchema>;
