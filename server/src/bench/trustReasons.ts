/** What weakens the figures: noise, unlike builds, the machine, and what the program leaves. Pure. */
import { differences } from "../environment/interpreter.ts";
import { isBusy } from "./cores.ts";
import { type Chief, type Evidence, noisyWidth, shortMs } from "./evidence.ts";
import { roundLimits } from "./plan.ts";
import type { Reason } from "./result.ts";

const loudBytes = 10 << 20;
/** Independent loops that gain less than this share of their cores were disturbed, or the cores are none. */
const goodHardware = 0.85;

export function trustReasons(evidence: Evidence, chief: Chief | undefined): Reason[] {
  const { measurement, lanes } = evidence;
  const { plan, samples, rounds } = measurement;
  const reasons: Reason[] = [...buildReasons(evidence), ...machineReasons(evidence, chief)];
  const add = (kind: Reason["kind"], message: string) => reasons.push({ kind, message });
  // What is fast by other means than threads says nothing about the figures of the threads.
  const extra = new Set(plan.lanes.filter((lane) => lane.extra).map(({ id }) => id));
  const chiefly = lanes.filter(({ id }) => !extra.has(id));
  const all = chiefly.flatMap((lane) => lane.samples.map((sample) => ({ lane, sample })));
  const shortest = Math.min(...all.map(({ sample }) => sample.medianMs));
  if (shortest < shortMs) {
    add(
      "short-run",
      `The program takes ${shortest.toFixed(1)} ms: too little work to judge scaling by. Give it a second or so.`,
    );
  }
  const wide = all.filter(({ sample }) => sample.highMs - sample.lowMs > noisyWidth * sample.medianMs);
  if (wide.length > 0 && shortest >= shortMs) {
    const names = wide.map(({ lane, sample }) => `${lane.id} on ${sample.threads}`).join(", ");
    add(
      "noise",
      `Times vary by more than ${noisyWidth * 100} % (${names}): something else may keep this machine busy.`,
    );
  }
  if (isBusy(plan.cores)) {
    add(
      "noise",
      `The machine was busy before it began (load ${plan.cores.load.toFixed(1)} on ${plan.cores.count} cores): other programs take cores away, most of all from the runs with many threads.`,
    );
  }
  if (rounds < roundLimits.least) {
    add(
      "few-rounds",
      `Only ${rounds} ${rounds === 1 ? "round was" : "rounds were"} measured; --budget or --rounds allows more.`,
    );
  }
  for (const [id, reason] of measurement.unavailable) {
    const lane = plan.lanes.find((one) => one.id === id);
    if (lane) add("lane-unavailable", `${lane.label} could not be measured: ${reason}.`);
  }
  const loudest = Math.max(...samples.map(({ report }) => report.outputBytes));
  if (loudest > loudBytes) {
    add(
      "output",
      `The program writes ${Math.round(loudest / (1 << 20))} MiB per run; writing is part of what was measured.`,
    );
  }
  const left = Math.max(...samples.map(({ report }) => report.leftProcesses));
  if (left > 0) {
    add(
      "left-processes",
      `The program leaves ${left} ${left === 1 ? "process" : "processes"} behind at its end; they were stopped.`,
    );
  }
  return reasons;
}

function buildReasons({ measurement: { plan }, pairs }: Evidence): Reason[] {
  const interpreter = (id: string) => plan.lanes.find((lane) => lane.id === id)!.interpreter;
  return pairs.flatMap(({ withGil, free }): Reason[] => {
    const found = differences(interpreter(withGil), interpreter(free));
    const debug = [withGil, free].filter((id) => interpreter(id).debug);
    const reasons: Reason[] = [];
    if (found.length > 0) {
      reasons.push({
        kind: "parity",
        message: `${withGil} and ${free} differ in more than the GIL (${found.join("; ")}), so part of their difference is the build's.`,
        evidence: "Both builds were asked for their version, compiler and configuration.",
      });
    }
    if (debug.length === 2) {
      reasons.push({
        kind: "parity",
        message: `${debug.join(" and ")} are debug builds: several times slower than others.`,
      });
    }
    return reasons;
  });
}

function machineReasons(
  { measurement: { plan }, hardware, machine }: Evidence,
  chief: Chief | undefined,
): Reason[] {
  const reasons: Reason[] = [];
  const add = (kind: Reason["kind"], message: string, evidence?: string) =>
    reasons.push({ kind, message, ...(evidence && { evidence }) });
  const most = plan.threads.at(-1)!;
  const usable = Math.min(most, plan.cores.count);
  const reference = hardware.find(({ threads }) => threads === most);
  if (chief && reference && reference.speedup < goodHardware * usable) {
    add(
      "hardware-limit",
      `Even independent processes in a loop over integers got only ${reference.speedup.toFixed(2)} times the work done on ${usable} cores: no program could have gained more here and now.`,
      `Measured in the same rounds; between ${reference.speedupLow.toFixed(2)} and ${reference.speedupHigh.toFixed(2)} times.`,
    );
  }
  const { quotaCpus, physicalCores, onBattery } = machine;
  if (quotaCpus !== undefined && quotaCpus < most) {
    add(
      "quota",
      `A quota leaves this container ${quotaCpus} CPUs, although ${plan.cores.count} are to be seen; more threads than that are throttled.`,
      "cpu.max of its control group.",
    );
  }
  if (physicalCores !== undefined && most > physicalCores && physicalCores < plan.cores.count) {
    add(
      "hyper-threads",
      `${most} threads share ${physicalCores} physical cores; two hyper-threads of a core gain far less than two cores.`,
      "The kernel's list of thread siblings.",
    );
  }
  if (onBattery) {
    add("battery", "The machine runs on battery: its clock may fall during the run.");
  }
  if (most > plan.cores.count) {
    add(
      "more-threads-than-cores",
      `${most} threads were asked for on ${plan.cores.count} cores; nothing can be faster than the cores allow.`,
    );
  }
  if (plan.cores.order.length === 0) {
    add(
      "no-affinity",
      "Programs cannot be pinned to cores on this system: the thread count is only told to the program (PYTHON_CPU_COUNT, THREADPROOF_THREADS).",
    );
  }
  return reasons;
}
