/** What the reasons of a benchmark are found from, and the few figures that most of them need. Pure. */
import type { Measurement, Observation } from "./measurement.ts";
import { chiefLane, type LanePlan } from "./plan.ts";
import type { HardwareSample, Lane, Machine, PairFigures } from "./result.ts";
import type { SharedPlace } from "./sharedPlaces.ts";

export interface Evidence {
  readonly measurement: Measurement;
  readonly lanes: readonly Lane[];
  readonly hardware: readonly HardwareSample[];
  readonly machine: Machine;
  readonly pairs: readonly PairFigures[];
  readonly places: readonly SharedPlace[];
}

/** Interval widths from here on, relative to the median, are worth a warning and explain nothing. */
export const noisyWidth = 0.1;

/** Below this the clock, imports and caches decide, milliseconds. */
export const shortMs = 100;

/** A speedup from here on needs no explanation, as a share of what the machine could do at the time. */
export const goodEfficiency = 0.75;

/** The newest free-threaded build at the most threads. */
export interface Chief {
  readonly plan: LanePlan;
  readonly lane: Lane;
  readonly most: number;
  /** As many cores as the most threads can use. */
  readonly usableCores: number;
  readonly speedup: number;
  /** What independent loops gained on as many cores in the same rounds. */
  readonly possible: number;
  /** Cores that computed, against those that the loops got: other programs take from both alike. */
  readonly busyAlone: number;
  readonly busyWide: number;
}

/** @returns undefined when only one thread was measured */
export function chiefFigures({ measurement, lanes, hardware }: Evidence): Chief | undefined {
  const { plan } = measurement;
  const most = plan.threads.at(-1)!;
  const lanePlan = chiefLane(plan);
  const lane = lanes.find(({ id }) => id === lanePlan?.id);
  if (!lanePlan || !lane || most === 1) {
    return undefined;
  }
  const usableCores = Math.min(most, plan.cores.count);
  const reference = hardware.find(({ threads }) => threads === most)?.speedup ?? usableCores;
  const of = (all: readonly Observation[], threads: number) =>
    all.filter((one) => one.threads === threads).map(({ report }) => report);
  const samples = measurement.samples.filter((one) => one.lane === lane.id);
  const busy = (threads: number) => {
    const got = coresBusy(of(measurement.hardware, threads));
    const ideal = Math.min(threads, plan.cores.count);
    const share = got === undefined ? 1 : Math.min(1, got / ideal);
    return (coresBusy(of(samples, threads)) ?? 0) / Math.max(share, 0.1);
  };
  return {
    plan: lanePlan,
    lane,
    most,
    usableCores,
    speedup: lane.samples.at(-1)!.speedup,
    possible: Math.min(usableCores, reference),
    busyAlone: busy(1),
    busyWide: busy(most),
  };
}

function coresBusy(reports: readonly Observation["report"][]): number | undefined {
  const wall = sum(reports.map(({ wallNs }) => wallNs));
  return wall > 0 ? sum(reports.map(({ cpuNs, childCpuNs }) => cpuNs + childCpuNs)) / wall : undefined;
}

/** Nothing to explain: the program gains what its cores, or the machine at the time, can give. */
export function scalesWell({ speedup, possible, usableCores }: Chief): boolean {
  return (
    speedup >= goodEfficiency * usableCores ||
    (speedup >= goodEfficiency * possible && canTell({ possible, usableCores }))
  );
}

/** The cores were there to be had: a missing gain is the program's. */
export function canTell({ possible, usableCores }: Pick<Chief, "possible" | "usableCores">): boolean {
  return possible >= goodEfficiency * usableCores;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
