/** The benchmark's result, version 1: what `--format json` prints and the editor draws. */
import { z } from "zod";

export const sampleSchema = z.strictObject({
  /** Cores the program was allowed, and the worker count it was told. */
  threads: z.number().int().positive(),
  /** Wall time of the program itself, without the interpreter's start: median and its interval, milliseconds. */
  medianMs: z.number().nonnegative(),
  lowMs: z.number().nonnegative(),
  highMs: z.number().nonnegative(),
  /** How many times as fast as the same lane on one core. */
  speedup: z.number().nonnegative(),
  /** Speedup divided by threads: 1 is ideal. */
  efficiency: z.number().nonnegative(),
  /** Largest resident memory of the main process in any round, MiB. */
  peakMiB: z.number().nonnegative(),
});

export const laneSchema = z.strictObject({
  /** `3.13`, `3.13t`, `3.13t-gil`: from the version that the build reports. */
  id: z.string(),
  label: z.string(),
  /** The executable. */
  python: z.string(),
  pythonVersion: z.string(),
  freeThreaded: z.boolean(),
  /** As asserted inside the runs, at the end of each: true as soon as one run ended with the GIL on. */
  gilEnabled: z.boolean(),
  samples: z.array(sampleSchema).min(1),
});

export const reasonKinds = [
  "gil-enabled",
  "single-thread-cost",
  "no-threads",
  "fixed-worker-count",
  "uses-processes",
  "waits",
  "serialised",
  "contention",
  "short-run",
  "noise",
  "few-rounds",
  "parity",
  "more-threads-than-cores",
  "no-affinity",
  "output",
  "left-processes",
  "method",
] as const;

export const reasonSchema = z.strictObject({ kind: z.enum(reasonKinds), message: z.string().min(1) });

export const benchResultSchema = z.strictObject({
  version: z.literal(1),
  lanes: z.array(laneSchema).min(1),
  /** One sentence that a person can repeat. */
  verdict: z.string().min(1),
  /** Why the figures are what they are, most important first. */
  reasons: z.array(reasonSchema),
});

export type Sample = z.infer<typeof sampleSchema>;
export type Lane = z.infer<typeof laneSchema>;
export type Reason = z.infer<typeof reasonSchema>;
export type BenchResult = z.infer<typeof benchResultSchema>;
