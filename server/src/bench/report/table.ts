/** The rows that every report of a benchmark shows, as text. Pure. */
import type { BenchResult, Lane, Sample } from "../result.ts";
import { lanePairs, singleThreadCost } from "../summary.ts";

export const tableHead = [
  "Build",
  "Threads",
  "Time",
  "Range",
  "Speedup",
  "Efficiency",
  "Peak memory",
  "GIL",
] as const;

/** Cells in the order of `tableHead`, one row per sample. */
export function tableRows({ lanes }: BenchResult): string[][] {
  return lanes.flatMap((lane) => lane.samples.map((sample) => sampleRow(lane, sample)));
}

function sampleRow(lane: Lane, sample: Sample): string[] {
  return [
    lane.label,
    String(sample.threads),
    duration(sample.medianMs),
    `${duration(sample.lowMs)} – ${duration(sample.highMs)}`,
    `${sample.speedup.toFixed(2)}×`,
    `${Math.round(sample.efficiency * 100)} %`,
    `${sample.peakMiB.toFixed(1)} MiB`,
    lane.gilEnabled ? "on" : "off",
  ];
}

/** One line per pair: what the free-threaded build costs on one core. */
export function costLines({ lanes }: BenchResult): string[] {
  return lanePairs(lanes).map(
    (pair) =>
      `Single-thread cost of ${pair.free.id}: ${singleThreadCost(pair).toFixed(2)}× the time of ${pair.withGil.id} on one thread`,
  );
}

/** Milliseconds for a person: `12.3 ms`, `1.23 s`. */
export function duration(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
