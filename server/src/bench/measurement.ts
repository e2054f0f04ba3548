/** What was observed while a plan was carried out, and simple questions to it. Pure. */
import { isFree, type Plan, type WorkerSource } from "./plan.ts";
import type { ProbeReport, RunReport } from "./runReport.ts";

export interface Observation {
  readonly lane: string;
  readonly threads: number;
  readonly report: RunReport;
}

export interface Measurement {
  readonly plan: Plan;
  /** With the audit hook: for counts and the GIL's history, never for time. */
  readonly warmUps: readonly Observation[];
  readonly samples: readonly Observation[];
  /** Runs of the integer loop. */
  readonly hardware: readonly Observation[];
  /** What the run with counting locks saw in the chief lane at full width; undefined when it could not be had. */
  readonly probe: ProbeReport | undefined;
  /** Which sources of the worker count the program listens to; undefined outside program mode. */
  readonly listens: ReadonlySet<WorkerSource> | undefined;
  /** Lanes given up, with the reason as a clause. */
  readonly unavailable: ReadonlyMap<string, string>;
  readonly rounds: number;
}

/** The first module known to have switched the GIL on in a lane where it ought to be off. */
export function gilCulprit(measurement: Measurement, laneId: string): string | undefined {
  const lane = measurement.plan.lanes.find(({ id }) => id === laneId);
  if (!lane || !isFree(lane)) {
    return undefined;
  }
  for (const { lane: id, report } of [...measurement.warmUps, ...measurement.samples]) {
    const module = id === laneId ? (report.warnedModule ?? report.culprit) : undefined;
    if (module) {
      return module;
    }
  }
  return undefined;
}
