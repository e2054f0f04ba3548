/** From single runs to lanes with medians, speedups and the GIL's state. Pure. */
import { versionText } from "../environment/interpreter.ts";
import { gilCulprit, type Measurement } from "./measurement.ts";
import { isFree, type LanePlan } from "./plan.ts";
import type { BenchMode, HardwareSample, Lane, PairFigures, Sample } from "./result.ts";
import { fitLaws } from "./scalingLaws.ts";
import { type Interval, medianInterval, outliers, ratio } from "./statistics.ts";

const msPerNs = 1e-6;
const bytesPerMiB = 1 << 20;

/** Lanes without a single measured run are left out. */
export function summarise(measurement: Measurement): Lane[] {
  const measured = new Set(measurement.samples.map(({ lane }) => lane));
  return measurement.plan.lanes
    .filter(({ id }) => measured.has(id))
    .map((lane) => summariseLane(measurement, lane));
}

function summariseLane(measurement: Measurement, lane: LanePlan): Lane {
  const { plan } = measurement;
  const reports = [...measurement.warmUps, ...measurement.samples]
    .filter((one) => one.lane === lane.id)
    .map(({ report }) => report);
  const gilEnabled = reports.some((report) => report.gilAtStart || report.gilAtEnd);
  const culprit = gilCulprit(measurement, lane.id);
  const samples = laneSamples(measurement, lane.id);
  const fit = fitLaws(samples, plan.cores.count);
  const starts = reports.flatMap(({ startNs }) => (startNs === undefined ? [] : [startNs * msPerNs]));
  return {
    id: lane.id,
    label: laneLabel(lane, gilEnabled, culprit),
    workers: lane.workers,
    python: lane.interpreter.executable,
    pythonVersion: versionText(lane.interpreter),
    freeThreaded: lane.interpreter.freeThreaded,
    gilEnabled,
    ...(culprit !== undefined && { gilSwitchedOnBy: culprit }),
    ...(starts.length > 0 && { startMs: rounded(medianInterval(starts).median, 1) }),
    samples,
    ...(fit && { fit }),
  };
}

function laneLabel(lane: LanePlan, gilEnabled: boolean, culprit: string | undefined): string {
  if (!isFree(lane) || !gilEnabled) {
    return lane.label;
  }
  return culprit ? `${lane.label}, GIL switched on by ${culprit}` : `${lane.label}, GIL switched on`;
}

function laneSamples({ plan, samples }: Measurement, laneId: string): Sample[] {
  const cells = plan.threads.flatMap((threads) => {
    const reports = samples
      .filter((sample) => sample.lane === laneId && sample.threads === threads)
      .map(({ report }) => report);
    return reports.length === 0
      ? []
      : [{ threads, reports, raw: reports.map(({ wallNs }) => wallNs * msPerNs) }];
  });
  const alone = medianInterval(cells[0]!.raw);
  return cells.map(({ threads, reports, raw }) => {
    const interval = medianInterval(raw);
    const speedup = speedupOf(plan.mode, alone, interval, threads);
    return {
      threads,
      medianMs: rounded(interval.median, 3),
      lowMs: rounded(interval.low, 3),
      highMs: rounded(interval.high, 3),
      rawMs: raw.map((value) => rounded(value, 3)),
      outliersMs: outliers(raw).map((value) => rounded(value, 3)),
      speedup: rounded(speedup.median, 3),
      speedupLow: rounded(speedup.low, 3),
      speedupHigh: rounded(speedup.high, 3),
      efficiency: rounded(speedup.median / threads, 3),
      peakMiB: rounded(Math.max(...reports.map(({ peakBytes }) => peakBytes)) / bytesPerMiB, 1),
      busyCores: rounded(
        medianInterval(
          reports.map(({ cpuNs, childCpuNs, wallNs }) => (cpuNs + childCpuNs) / Math.max(wallNs, 1)),
        ).median,
        2,
      ),
    };
  });
}

/** Work per second against one worker: in the weak mode k workers do k times the work. */
function speedupOf(mode: BenchMode, alone: Interval, interval: Interval, threads: number): Interval {
  // One worker against itself is 1, however much its times vary.
  const plain = threads === 1 ? { median: 1, low: 1, high: 1 } : ratio(alone, interval);
  const work = mode === "function-weak" ? threads : 1;
  return { median: plain.median * work, low: plain.low * work, high: plain.high * work };
}

/** The machine's own scaling, from the integer loops measured alongside. */
export function summariseHardware({ plan, hardware }: Measurement): HardwareSample[] {
  const cells = plan.threads.flatMap((threads) => {
    const raw = hardware
      .filter((one) => one.threads === threads)
      .map(({ report }) => report.wallNs * msPerNs);
    return raw.length === 0 ? [] : [{ threads, interval: medianInterval(raw) }];
  });
  return cells.map(({ threads, interval }) => {
    const speedup = speedupOf("function-weak", cells[0]!.interval, interval, threads);
    return {
      threads,
      medianMs: rounded(interval.median, 3),
      lowMs: rounded(interval.low, 3),
      highMs: rounded(interval.high, 3),
      speedup: rounded(speedup.median, 3),
      speedupLow: rounded(speedup.low, 3),
      speedupHigh: rounded(speedup.high, 3),
    };
  });
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** A free-threaded lane next to the default build of the same version. */
export interface LanePair {
  readonly withGil: Lane;
  readonly free: Lane;
  readonly forced: Lane | undefined;
}

export function lanePairs(lanes: readonly Lane[]): LanePair[] {
  const byId = new Map(lanes.map((lane) => [lane.id, lane]));
  return lanes.flatMap((withGil) => {
    const free = byId.get(`${withGil.id}t`);
    return free ? [{ withGil, free, forced: byId.get(`${free.id}-gil`) }] : [];
  });
}

/** How many times as long one thread of the free-threaded build takes. */
export function singleThreadCost({ withGil, free }: LanePair): number {
  return free.samples[0]!.medianMs / withGil.samples[0]!.medianMs;
}

export function pairFigures(lanes: readonly Lane[]): PairFigures[] {
  return lanePairs(lanes).map(({ withGil, free }) => {
    const cost = ratio(asInterval(free.samples[0]!), asInterval(withGil.samples[0]!));
    // Work per second: what one thread of the default build does is 1.
    const rate = (lane: Lane, sample: Sample) => sample.speedup / lane.samples[0]!.medianMs;
    const best = Math.max(...withGil.samples.map((sample) => rate(withGil, sample)));
    return {
      withGil: withGil.id,
      free: free.id,
      singleThreadCost: rounded(cost.median, 3),
      singleThreadCostLow: rounded(cost.low, 3),
      singleThreadCostHigh: rounded(cost.high, 3),
      breakEvenThreads: free.samples.find((sample) => rate(free, sample) > best)?.threads ?? null,
    };
  });
}

function asInterval({ medianMs, lowMs, highMs }: Sample): Interval {
  return { median: medianMs, low: lowMs, high: highMs };
}
