/** Why the figures are what they are, from what the runs have shown. Pure. */
import { chiefFigures, type Evidence } from "./evidence.ts";
import { programReasons } from "./programReasons.ts";
import type { Reason } from "./result.ts";
import { trustReasons } from "./trustReasons.ts";

/** Most important first. */
export function findReasons(evidence: Evidence): Reason[] {
  const chief = chiefFigures(evidence);
  return [
    ...gilReasons(evidence),
    ...costReasons(evidence),
    ...(chief ? programReasons(evidence, chief) : []),
    ...trustReasons(evidence, chief),
    methodReason(evidence),
  ];
}

function gilReasons({ lanes }: Evidence): Reason[] {
  return lanes
    .filter(({ freeThreaded, gilEnabled, id }) => freeThreaded && gilEnabled && !id.endsWith("-gil"))
    .map(({ id, gilSwitchedOnBy }) => {
      const cause = gilSwitchedOnBy
        ? `importing \`${gilSwitchedOnBy}\`, an extension module that does not declare that it runs without the GIL, switched it back on`
        : "something in the program or its environment switched it on";
      return {
        kind: "gil-enabled",
        message: `The GIL was on in ${id}: ${cause}. Its figures show the GIL, not free threading.`,
        evidence: "sys._is_gil_enabled() said so inside the runs.",
      };
    });
}

function costReasons({ pairs }: Evidence): Reason[] {
  return pairs.map((pair) => {
    const { free, withGil, singleThreadCost: cost } = pair;
    const share = Math.round(Math.abs(cost - 1) * 100);
    const compared = share === 0 ? "as long as" : `${share} % ${cost > 1 ? "longer" : "less long"} than`;
    return {
      kind: "single-thread-cost",
      message: `On one thread ${free} takes ${compared} ${withGil} (${cost.toFixed(2)} times).`,
      evidence: `The ratio of both medians lies between ${pair.singleThreadCostLow.toFixed(2)} and ${pair.singleThreadCostHigh.toFixed(2)}.`,
    };
  });
}

function methodReason({ measurement: { plan, rounds } }: Evidence): Reason {
  const pinned =
    plan.cores.order.length > 0 ? `each thread count on as many of ${plan.cores.count} cores` : "not pinned";
  const what = {
    program: "Whole runs of the unchanged file",
    "function-weak": `${plan.function?.name}(${plan.function?.arguments}) called ${plan.function?.calls} times by each worker at once`,
    "function-strong": `${plan.function?.name}(${plan.function?.arguments}) called ${plan.function?.calls} times, its \`${plan.function?.splits}\` split over the workers`,
  }[plan.mode];
  return {
    kind: "method",
    message: `${what}, ${rounds} interleaved ${rounds === 1 ? "round" : "rounds"} after a warm-up, ${pinned}; medians with ${rounds >= 6 ? "95 % intervals" : "their full range"}; the GIL's state asserted inside every run; loops over integers in independent processes measured alongside; threads, locks and garbage collections counted in runs of their own.`,
  };
}
