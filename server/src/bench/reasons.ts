/** Why the figures are what they are, from what the runs have shown. Pure. */
import { differences } from "../environment/interpreter.ts";
import { isBusy } from "./cores.ts";
import { gilCulprit, type Measurement } from "./measure.ts";
import { roundLimits } from "./plan.ts";
import { noisyWidth, programReasons, shortMs } from "./programReasons.ts";
import type { Lane, Reason } from "./result.ts";
import { lanePairs, singleThreadCost } from "./summary.ts";

const loudBytes = 10 << 20;

/** Most important first. */
export function findReasons(measurement: Measurement, lanes: readonly Lane[]): Reason[] {
  return [
    ...gilReasons(measurement, lanes),
    ...costReasons(lanes),
    ...programReasons(measurement, lanes),
    ...trustReasons(measurement, lanes),
    methodReason(measurement),
  ];
}

function gilReasons(measurement: Measurement, lanes: readonly Lane[]): Reason[] {
  return lanePairs(lanes)
    .filter(({ free }) => free.gilEnabled)
    .map(({ free }) => {
      const culprit = gilCulprit(measurement, free.id);
      const cause = culprit
        ? `importing \`${culprit}\`, an extension module that does not declare that it runs without the GIL, switched it back on`
        : "something in the program or its environment switched it on";
      return {
        kind: "gil-enabled",
        message: `The GIL was on in ${free.id}: ${cause}. Its figures show the GIL, not free threading.`,
      };
    });
}

function costReasons(lanes: readonly Lane[]): Reason[] {
  return lanePairs(lanes).map((pair) => {
    const cost = singleThreadCost(pair);
    const percent = Math.round(Math.abs(cost - 1) * 100);
    const compared = percent === 0 ? "as long as" : `${percent} % ${cost > 1 ? "longer" : "less long"} than`;
    return {
      kind: "single-thread-cost",
      message: `On one thread ${pair.free.id} takes ${compared} ${pair.withGil.id} (${cost.toFixed(2)} times).`,
    };
  });
}

/** What weakens the figures. */
function trustReasons(measurement: Measurement, lanes: readonly Lane[]): Reason[] {
  const { plan, samples, rounds } = measurement;
  const reasons: Reason[] = [];
  const add = (kind: Reason["kind"], message: string) => reasons.push({ kind, message });
  for (const pair of lanePairs(lanes)) {
    const interpreter = (id: string) => plan.lanes.find((lane) => lane.id === id)!.interpreter;
    const found = differences(interpreter(pair.withGil.id), interpreter(pair.free.id));
    if (found.length > 0) {
      add(
        "parity",
        `${pair.withGil.id} and ${pair.free.id} differ in more than the GIL (${found.join("; ")}), so part of their difference is the build's.`,
      );
    }
  }
  const all = lanes.flatMap((lane) => lane.samples.map((sample) => ({ lane, sample })));
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
  const most = plan.threads.at(-1)!;
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

function methodReason({ plan, rounds }: Measurement): Reason {
  const pinned =
    plan.cores.order.length > 0 ? `each thread count on as many of ${plan.cores.count} cores` : "not pinned";
  return {
    kind: "method",
    message: `Whole runs of the unchanged file, ${rounds} interleaved ${rounds === 1 ? "round" : "rounds"} after a warm-up, ${pinned}; medians with ${rounds >= 6 ? "95 % intervals" : "their full range"}; the GIL's state asserted inside every run; threads counted through an audit hook in the warm-up only.`,
  };
}
