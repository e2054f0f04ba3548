/** What the program does with its cores, told from thread counts and CPU time. Pure. */
import { isBusy } from "./cores.ts";
import type { Measurement, Observation } from "./measure.ts";
import { isFree } from "./plan.ts";
import type { Lane, Reason } from "./result.ts";

/** CPU time below this share of the wall time of one core means waiting. */
const mostlyWaiting = 0.5;
/** Child processes count from this share of the CPU time on. */
const childShare = 0.2;
/** A speedup from here on needs no explanation, as a share of the cores in use. */
const goodEfficiency = 0.75;

/** Interval widths from here on, relative to the median, are worth a warning and explain nothing. */
export const noisyWidth = 0.1;

/** Below this the clock, imports and caches decide, milliseconds. */
export const shortMs = 100;

export function programReasons(measurement: Measurement, lanes: readonly Lane[]): Reason[] {
  const { plan } = measurement;
  const most = plan.threads.at(-1)!;
  const usableCores = Math.min(most, plan.cores.count);
  const lane = plan.lanes.filter(isFree).at(-1);
  const measured = lanes.find(({ id }) => id === lane?.id);
  if (!lane || !measured || most === 1) {
    return [];
  }
  const of = (observations: readonly Observation[], threads: number) =>
    observations.filter((one) => one.lane === lane.id && one.threads === threads).map(({ report }) => report);
  const [wideWarmUp] = of(measurement.warmUps, most);
  const [narrowWarmUp] = of(measurement.warmUps, 1);
  const threadsWide = wideWarmUp?.threadsStarted ?? 0;
  const threadsNarrow = narrowWarmUp?.threadsStarted ?? 0;
  const share = (part: (report: Observation["report"]) => number, threads: number) => {
    const reports = of(measurement.samples, threads);
    return sum(reports.map(part)) / sum(reports.map(({ wallNs }) => wallNs));
  };
  const busyAlone = share(({ cpuNs, childCpuNs }) => cpuNs + childCpuNs, 1);
  const busyWide = share(({ cpuNs, childCpuNs }) => cpuNs + childCpuNs, most);
  const inChildren = share(({ childCpuNs }) => childCpuNs, most) / Math.max(busyWide, 0.01);
  const speedup = measured.samples.at(-1)!.speedup;

  const reasons: Reason[] = [];
  const add = (kind: Reason["kind"], message: string) => reasons.push({ kind, message });
  const byProcesses = inChildren > childShare || (wideWarmUp?.processesStarted ?? 0) > 0;
  if (byProcesses) {
    add(
      "uses-processes",
      `The program starts child processes, which did ${percent(inChildren)} of the computing; each has a GIL of its own already.`,
    );
  }
  if (threadsWide === 0) {
    add(
      "no-threads",
      "The program never starts a thread, so there is nothing for free threading to run in parallel.",
    );
    return reasons;
  }
  if (threadsWide === threadsNarrow) {
    add(
      "fixed-worker-count",
      `The program starts ${counted(threadsWide, "thread")} whether 1 or ${most} are asked for: it does not listen to THREADPROOF_THREADS, PYTHON_CPU_COUNT or its CPU affinity. Fewer cores than threads still show how it scales; more cores cannot help.`,
    );
  }
  if (isBusy(plan.cores)) {
    // Waiting for a core that another program has looks like waiting for anything else.
    return reasons;
  }
  if (busyAlone < mostlyWaiting) {
    add(
      "waits",
      `On one core the program computes during ${percent(busyAlone)} of its time and waits for the rest (I/O, sleep, locks): the GIL is not what limits it.`,
    );
    return reasons;
  }
  const tooShort = measured.samples.some(({ medianMs }) => medianMs < shortMs);
  const noisy = measured.samples.some(
    ({ lowMs, highMs, medianMs }) => highMs - lowMs > noisyWidth * medianMs,
  );
  if (tooShort || noisy || measured.gilEnabled || byProcesses || speedup >= goodEfficiency * usableCores) {
    return reasons;
  }
  if (busyWide < goodEfficiency * usableCores) {
    add(
      "serialised",
      `With the GIL off ${busyWide.toFixed(1)} of ${usableCores} cores were busy: threads wait for each other (a lock, a queue, a join) or part of the program runs on one thread.`,
    );
  } else {
    add(
      "contention",
      `With the GIL off ${busyWide.toFixed(1)} of ${usableCores} cores were busy, yet the program became only ${speedup.toFixed(2)} times as fast: threads use the same objects (even reading them costs reference counts) or one lock, or create garbage that all must stop for.`,
    );
  }
  return reasons;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
