/** What the program does with its threads and cores. Pure. */
import {
  type Chief,
  canTell,
  counted,
  type Evidence,
  noisyWidth,
  percent,
  scalesWell,
  shortMs,
  sum,
} from "./evidence.ts";
import type { Measurement } from "./measurement.ts";
import { chiefLane } from "./plan.ts";
import type { ListensTo, Reason } from "./result.ts";
import { scalingReasons } from "./scalingReasons.ts";

/** CPU time below this share of the wall time of one core means waiting. */
const mostlyWaiting = 0.5;
/** Child processes count from this share of the CPU time on. */
const childShare = 0.2;

/** @returns undefined outside program mode, and when one thread only was measured */
export function listensTo({ plan, warmUps, listens }: Measurement): ListensTo | undefined {
  const most = plan.threads.at(-1)!;
  const id = chiefLane(plan)?.id;
  const started = (threads: number) =>
    warmUps.find((one) => one.lane === id && one.threads === threads)?.report.threadsStarted;
  const threadsAtLeast = started(1);
  const threadsAtMost = started(most);
  if (listens === undefined || threadsAtLeast == null || threadsAtMost == null) {
    return undefined;
  }
  return {
    affinity: listens.has("affinity"),
    PYTHON_CPU_COUNT: listens.has("PYTHON_CPU_COUNT"),
    THREADPROOF_THREADS: listens.has("THREADPROOF_THREADS"),
    threadsAtLeast,
    threadsAtMost,
    ...(threadsAtMost > 0 && threadsAtLeast === threadsAtMost && { hardCoded: threadsAtMost }),
  };
}

export function programReasons(evidence: Evidence, chief: Chief): Reason[] {
  const { measurement } = evidence;
  const { plan, warmUps, samples } = measurement;
  const { most, lane, usableCores, busyAlone, busyWide, speedup } = chief;
  const reasons: Reason[] = [];
  const wide = warmUps.find((one) => one.lane === lane.id && one.threads === most)?.report;
  const reports = samples
    .filter((one) => one.lane === lane.id && one.threads === most)
    .map(({ report }) => report);
  const cpu = sum(reports.map(({ cpuNs, childCpuNs }) => cpuNs + childCpuNs));
  const inChildren = cpu > 0 ? sum(reports.map(({ childCpuNs }) => childCpuNs)) / cpu : 0;
  const byProcesses = inChildren > childShare || (wide?.processesStarted ?? 0) > 0;
  if (byProcesses) {
    reasons.push({
      kind: "uses-processes",
      message: `The program starts child processes, which did ${percent(inChildren)} of the computing; each has a GIL of its own already.`,
    });
  }
  if (plan.mode === "program") {
    const started = wide?.threadsStarted ?? 0;
    if (started === 0) {
      reasons.push({
        kind: "no-threads",
        message:
          "The program never starts a thread, so there is nothing for free threading to run in parallel.",
        evidence: "An audit hook saw no thread start in the warm-up.",
      });
      return reasons;
    }
    const hardCoded = listensTo(measurement)?.hardCoded;
    if (hardCoded !== undefined) {
      reasons.push({
        kind: "fixed-worker-count",
        message: `The program starts ${counted(hardCoded, "thread")} whether 1 or ${most} are asked for: it does not listen to THREADPROOF_THREADS, PYTHON_CPU_COUNT or its CPU affinity. Fewer cores than threads still show how it scales; more cores cannot help.`,
        evidence: `Thread starts counted by an audit hook, told 1 and told ${most}.`,
      });
    }
  }
  if (busyAlone < mostlyWaiting) {
    reasons.push({
      kind: "waits",
      message: `On one core the program computes during ${percent(busyAlone)} of its time and waits for the rest (I/O, sleep, locks): the GIL is not what limits it.`,
      evidence: "CPU time against wall time, next to that of the loops over integers measured alongside.",
    });
    return reasons;
  }
  const tooShort = lane.samples.some(({ medianMs }) => medianMs < shortMs);
  if (lane.gilEnabled || byProcesses || scalesWell(chief)) {
    return reasons;
  }
  const explained = scalingReasons(evidence, chief);
  reasons.push(...explained);
  const noisy = lane.samples.some(({ lowMs, highMs, medianMs }) => highMs - lowMs > noisyWidth * medianMs);
  if (tooShort || noisy || explained.length > 0 || !canTell(chief)) {
    return reasons;
  }
  if (busyWide < 0.75 * usableCores) {
    reasons.push({
      kind: "serialised",
      message: `With the GIL off ${busyWide.toFixed(1)} of ${usableCores} cores were busy: threads wait for each other (a lock, a queue, a join) or part of the program runs on one thread.`,
      evidence: "CPU time against wall time.",
    });
  } else {
    reasons.push({
      kind: "contention",
      message: `With the GIL off ${busyWide.toFixed(1)} of ${usableCores} cores were busy, yet the program became only ${speedup.toFixed(2)} times as fast: threads use the same objects (even reading them costs reference counts), or create garbage that all must stop for.`,
      evidence:
        "CPU time against wall time; no lock was waited for much, and garbage collection took little.",
    });
  }
  return reasons;
}
