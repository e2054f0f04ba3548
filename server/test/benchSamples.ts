/** Results as a benchmark would give them, from a few figures. */
import type { BenchResult, Lane, Reason, ReasonKind, Sample } from "../src/bench/result.ts";

export interface LaneFigures {
  readonly id: string;
  /** Median times on 1, 2, … workers, milliseconds. */
  readonly medians: readonly number[];
  /** Half the width of each interval, as a share of the median. */
  readonly blur?: number;
  readonly gilEnabled?: boolean;
  readonly peakMiB?: number;
  readonly more?: Partial<Lane>;
}

export function laneOf({ id, medians, blur = 0.01, gilEnabled, peakMiB = 12, more }: LaneFigures): Lane {
  const workers = id === "processes" || id === "subinterpreters" ? id : "threads";
  const freeThreaded = /t(-gil)?$/.test(id) && workers === "threads";
  return {
    id,
    label: id.endsWith("-gil") ? `${id.slice(0, -4)}, GIL forced on` : id,
    workers,
    python: `/py/${freeThreaded ? "3.13t" : id === "pypy" ? "pypy" : "3.13"}`,
    pythonVersion: "3.13.5",
    freeThreaded,
    gilEnabled: gilEnabled ?? !/\dt$/.test(id),
    samples: medians.map((medianMs, index) => sampleOf(medians[0]!, medianMs, index + 1, blur, peakMiB)),
    ...more,
  };
}

function sampleOf(alone: number, medianMs: number, threads: number, blur: number, peakMiB: number): Sample {
  const speedup = alone / medianMs;
  const spread = threads === 1 ? 0 : 2 * blur;
  return {
    threads,
    medianMs,
    lowMs: medianMs * (1 - blur),
    highMs: medianMs * (1 + blur),
    rawMs: [medianMs],
    outliersMs: [],
    speedup,
    speedupLow: speedup * (1 - spread),
    speedupHigh: speedup * (1 + spread),
    efficiency: speedup / threads,
    peakMiB,
    busyCores: threads,
  };
}

export function reasonOf(kind: ReasonKind, more: Partial<Reason> = {}): Reason {
  return { kind, message: `about ${kind}`, ...more };
}

export const ordinary: LaneFigures = { id: "3.13", medians: [1000, 1010] };
export const scaling: LaneFigures = { id: "3.13t", medians: [1250, 640] };
export const flat: LaneFigures = { id: "3.13t", medians: [1250, 1300] };

/** Speedups count work, of which every worker has as much in weak scaling. */
export function weakLaneOf(figures: LaneFigures): Lane {
  const lane = laneOf(figures);
  const samples = lane.samples.map((sample) => ({
    ...sample,
    speedup: sample.speedup * sample.threads,
    speedupLow: sample.speedupLow * sample.threads,
    speedupHigh: sample.speedupHigh * sample.threads,
    efficiency: sample.speedup,
  }));
  return { ...lane, samples };
}

/** A result of these lanes; the first pair of `X` and `Xt` among them is its pair. */
export function resultOf(figures: readonly LaneFigures[], more: Partial<BenchResult> = {}): BenchResult {
  const lanes = figures.map(more.mode === "function-weak" ? weakLaneOf : laneOf);
  const free = lanes.find(({ id }) => /\dt$/.test(id));
  const withGil = lanes.find(({ id }) => `${id}t` === free?.id);
  const cost = free && withGil ? free.samples[0]!.medianMs / withGil.samples[0]!.medianMs : 1;
  const best = Math.min(...(withGil?.samples ?? []).map(({ medianMs }) => medianMs));
  const pair = {
    withGil: withGil?.id ?? "",
    free: free?.id ?? "",
    singleThreadCost: cost,
    singleThreadCostLow: cost * 0.98,
    singleThreadCostHigh: cost * 1.02,
    breakEvenThreads: free?.samples.find(({ medianMs }) => medianMs < best)?.threads ?? null,
  };
  return {
    version: 1,
    file: "/work space/roots.py",
    mode: "program",
    startedAt: "2026-11-21T09:30:00.000Z",
    rounds: 7,
    lanes,
    unavailable: [],
    pairs: free && withGil ? [pair] : [],
    hardware: [],
    machine: { system: "Linux", cpu: "a processor", cpus: 2, loadBefore: 0.1, loadAfter: 0.2 },
    verdict: "One sentence.",
    reasons: [],
    commandLine: "threadproof bench --threads 1,2 '/work space/roots.py'",
    ...more,
  };
}
