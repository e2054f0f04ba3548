/** Holds a measured speedup against a claimed one, and says when this machine cannot tell. Pure. */
import type { BenchResult, HardwareSample, Lane, Sample } from "../../server/src/bench/result.ts";

export type Judgement = "confirmed" | "refuted" | "better than claimed" | "cannot be told here";

export interface Gain {
  readonly lane: Lane;
  /** At the most threads. */
  readonly sample: Sample;
  readonly possible: HardwareSample;
}

/** @returns undefined when the lane was not measured */
export function gainOf(result: BenchResult, laneId: string): Gain | undefined {
  const lane = result.lanes.find(({ id }) => id === laneId);
  const sample = lane?.samples.at(-1);
  const possible = result.hardware.find(({ threads }) => threads === sample?.threads);
  return lane && sample && possible ? { lane, sample, possible } : undefined;
}

/** Articles round, and machines differ: figures this close to each other are the same. */
const tolerance = 0.1;
/** Wider intervals carry no judgement, as a share of the measured speedup. */
const tooWide = 0.5;
/** Below this share of the cores even independent loops were held up. */
const goodHardware = 0.85;

/** @param claimed speedup at as many threads as were measured */
export function judge({ sample, possible }: Gain, claimed: number): Judgement {
  const { speedup, speedupLow, speedupHigh, threads } = sample;
  if (
    claimed > 1.25 &&
    possible.speedup < goodHardware * threads &&
    speedupHigh < claimed * (1 - tolerance)
  ) {
    return "cannot be told here";
  }
  if (speedupHigh - speedupLow > tooWide * speedup) {
    return "cannot be told here";
  }
  if (speedupLow > claimed * (1 + tolerance)) {
    return "better than claimed";
  }
  return speedupHigh < claimed * (1 - tolerance) ? "refuted" : "confirmed";
}

/** `1.93 (1.90 to 1.95) on 2`, and what the machine gave to independent loops. */
export function gainText({ sample, possible }: Gain, workers = "threads"): string {
  const { speedup, speedupLow, speedupHigh, threads } = sample;
  return `${speedup.toFixed(2)} times (${speedupLow.toFixed(2)} to ${speedupHigh.toFixed(2)}) on ${threads} ${workers}; independent loops ${possible.speedup.toFixed(2)}`;
}
