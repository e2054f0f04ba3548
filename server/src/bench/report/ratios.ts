/** How much faster one measured way of working is than another, with bounds. Pure. */
import type { BenchMode, Lane, Sample } from "../result.ts";

export interface Gain {
  /** How many times as much work per second, and the bounds that the intervals of both times leave. */
  readonly factor: number;
  readonly low: number;
  readonly high: number;
}

/** Work done in one run of a sample, as a multiple of that on one worker: in weak scaling each worker has its own. */
function workOf({ threads }: Sample, mode: BenchMode): number {
  return mode === "function-weak" ? threads : 1;
}

/** The ends of both intervals against each other, so that the bounds are rather too wide than too narrow. */
export function gainOf(before: Sample, after: Sample, mode: BenchMode): Gain {
  const work = workOf(after, mode) / workOf(before, mode);
  return {
    factor: quotient(before.medianMs, after.medianMs) * work,
    low: quotient(before.lowMs, after.highMs) * work,
    high: quotient(before.highMs, after.lowMs) * work,
  };
}

function quotient(before: number, after: number): number {
  return after > 0 ? before / after : 1;
}

/** The sample of a lane that gets most work done per second. */
export function fastest(lane: Lane, mode: BenchMode): Sample {
  return lane.samples.reduce((best, sample) => (gainOf(best, sample, mode).factor > 1 ? sample : best));
}

export function times(factor: number): string {
  return `${factor.toFixed(2)} times`;
}

export function onThreads({ threads }: Sample, workers: Lane["workers"] = "threads"): string {
  const one = { threads: "thread", processes: "process", subinterpreters: "sub-interpreter" }[workers];
  const many = { threads: "threads", processes: "processes", subinterpreters: "sub-interpreters" }[workers];
  return threads === 1 ? `one ${one}` : `${threads} ${many}`;
}
