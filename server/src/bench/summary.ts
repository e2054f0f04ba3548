/** From single runs to lanes with medians, speedups and the GIL's state. Pure. */
import { versionText } from "../environment/interpreter.ts";
import { gilCulprit, type Measurement } from "./measure.ts";
import { isFree, type LanePlan } from "./plan.ts";
import type { Lane, Sample } from "./result.ts";
import { medianInterval } from "./statistics.ts";

const msPerNs = 1e-6;
const bytesPerMiB = 1 << 20;

export function summarise(measurement: Measurement): Lane[] {
  return measurement.plan.lanes.map((lane) => {
    const reports = [...measurement.warmUps, ...measurement.samples].filter((one) => one.lane === lane.id);
    const gilEnabled = reports.some(({ report }) => report.gilAtStart || report.gilAtEnd);
    return {
      id: lane.id,
      label: laneLabel(lane, gilEnabled, gilCulprit(measurement, lane.id)),
      python: lane.interpreter.executable,
      pythonVersion: versionText(lane.interpreter),
      freeThreaded: lane.interpreter.freeThreaded,
      gilEnabled,
      samples: laneSamples(measurement, lane.id),
    };
  });
}

function laneLabel(lane: LanePlan, gilEnabled: boolean, culprit: string | undefined): string {
  if (!isFree(lane) || !gilEnabled) {
    return lane.label;
  }
  return culprit ? `${lane.label}, GIL switched on by ${culprit}` : `${lane.label}, GIL switched on`;
}

function laneSamples({ plan, samples }: Measurement, laneId: string): Sample[] {
  const cells = plan.threads.map((threads) => {
    const reports = samples
      .filter((sample) => sample.lane === laneId && sample.threads === threads)
      .map(({ report }) => report);
    const interval = medianInterval(reports.map(({ wallNs }) => wallNs * msPerNs));
    return { threads, interval, peakBytes: Math.max(...reports.map(({ peakBytes }) => peakBytes)) };
  });
  const alone = cells[0]!.interval.median;
  return cells.map(({ threads, interval, peakBytes }) => {
    const speedup = interval.median > 0 ? alone / interval.median : 1;
    return {
      threads,
      medianMs: rounded(interval.median, 3),
      lowMs: rounded(interval.low, 3),
      highMs: rounded(interval.high, 3),
      speedup: rounded(speedup, 3),
      efficiency: rounded(speedup / threads, 3),
      peakMiB: rounded(peakBytes / bytesPerMiB, 1),
    };
  });
}

function rounded(value: number, digits: number): number {
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
