/** The rows that every report of a benchmark shows, as text. Pure. */
import type { BenchResult, Lane, Sample } from "../result.ts";

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
    range(sample),
    `${sample.speedup.toFixed(2)}×`,
    `${Math.round(sample.efficiency * 100)} %`,
    `${sample.peakMiB.toFixed(1)} MiB`,
    lane.gilEnabled ? "on" : "off",
  ];
}

/** The same figures by build, for pages that are too narrow for a column that repeats its name. */
export const groupHead = ["Threads", "Time", "Range", "Speedup", "Efficiency", "Peak memory"] as const;

export interface TableGroup {
  /** The build and the state of its GIL. */
  readonly title: string;
  /** Cells in the order of `groupHead`, one row per thread count. */
  readonly rows: readonly (readonly string[])[];
}

export function tableGroups({ lanes }: BenchResult): TableGroup[] {
  return lanes.map((lane) => ({
    title: groupTitle(lane),
    rows: lane.samples.map((sample) => sampleRow(lane, sample).slice(1, -1)),
  }));
}

/** Labels of free-threaded builds say by themselves why their GIL is on. */
function groupTitle({ label, freeThreaded, gilEnabled }: Lane): string {
  return freeThreaded && gilEnabled ? label : `${label}, GIL ${gilEnabled ? "on" : "off"}`;
}

/** One line per pair of builds, without its full stop: the cost on one thread, and from where on it pays. */
export function costLines({ pairs }: BenchResult): string[] {
  return pairs.map((pair) => {
    const [cost, low, high] = [
      pair.singleThreadCost,
      pair.singleThreadCostLow,
      pair.singleThreadCostHigh,
    ].map((value) => value.toFixed(2));
    const even =
      pair.breakEvenThreads === null
        ? `no thread count measured makes it faster than ${pair.withGil} at its best`
        : `from ${pair.breakEvenThreads} ${pair.breakEvenThreads === 1 ? "thread" : "threads"} on it is faster than ${pair.withGil} at its best`;
    return `Single-thread cost of ${pair.free}: ${cost}× (${low} – ${high}) the time of ${pair.withGil} on one thread; ${even}`;
  });
}

/** `12.3 – 14.0 ms`, or `990.0 ms – 1.02 s` when the units differ. */
function range({ lowMs, highMs }: Sample): string {
  const [low = "", lowUnit] = duration(lowMs).split(" ");
  const [high = "", highUnit] = duration(highMs).split(" ");
  return lowUnit === highUnit ? `${low} – ${high} ${highUnit}` : `${low} ${lowUnit} – ${high} ${highUnit}`;
}

/** Milliseconds for a person: `12.3 ms`, `1.23 s`. */
export function duration(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(2)} s`;
}
