/** Carries out a plan: warm-up, then rounds until they suffice or the time is up. One process at a time. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { outcomeFailure } from "./failure.ts";
import { type Cell, isFree, laneSettings, type Plan, roundLimits, roundOrder, warmUpCells } from "./plan.ts";
import type { OnEvent } from "./progress.ts";
import { runnerFileName, runnerSource } from "./runnerSource.ts";
import { type RunReport, runProgram } from "./runProgram.ts";
import { medianInterval, relativeWidth } from "./statistics.ts";

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
  readonly rounds: number;
}

export interface MeasureOptions {
  /** Environment of the program. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly onEvent?: OnEvent;
}

/** Widest interval, relative to its median, at which more rounds are not worth their time. */
const tightEnough = 0.02;

/** @throws BenchFailure when the program fails in any run; BenchCancelled when the signal asks to stop. */
export async function measure(plan: Plan, options: MeasureOptions): Promise<Measurement> {
  const workFolder = await mkdtemp(join(tmpdir(), "threadproof-bench-"));
  try {
    await writeFile(join(workFolder, runnerFileName), runnerSource);
    return await new Measuring(plan, options, workFolder).all();
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

class Measuring {
  private readonly warmUps: Observation[] = [];
  private readonly samples: Observation[] = [];
  private readonly worked = new Set<string>();
  private done = 0;

  constructor(
    private readonly plan: Plan,
    private readonly options: MeasureOptions,
    private readonly workFolder: string,
  ) {}

  async all(): Promise<Measurement> {
    for (const cell of warmUpCells(this.plan)) {
      this.warmUps.push(await this.run(cell, 0));
    }
    const started = performance.now();
    let rounds = 0;
    while (!this.enough(rounds, performance.now() - started)) {
      rounds += 1;
      for (const cell of roundOrder(this.plan, rounds)) {
        this.samples.push(await this.run(cell, rounds));
      }
    }
    return { plan: this.plan, warmUps: this.warmUps, samples: this.samples, rounds };
  }

  private enough(rounds: number, spentMs: number): boolean {
    if (rounds === 0) {
      return false;
    }
    if (this.plan.rounds !== undefined) {
      return rounds >= this.plan.rounds;
    }
    const roundMs = spentMs / rounds;
    const nextFits = spentMs + roundMs <= this.plan.budgetMs;
    return !nextFits || rounds >= roundLimits.most || (rounds >= roundLimits.enough && this.isTight());
  }

  private isTight(): boolean {
    const { lanes, threads } = this.plan;
    return lanes.every(({ id }) =>
      threads.every((count) => {
        const cell = this.samples.filter((sample) => sample.lane === id && sample.threads === count);
        return relativeWidth(medianInterval(cell.map(({ report }) => report.wallNs))) <= tightEnough;
      }),
    );
  }

  private async run(cell: Cell, round: number): Promise<Observation> {
    const { plan, options, workFolder } = this;
    const { lane, threads } = cell;
    const perRound = plan.lanes.length * plan.threads.length;
    const total = warmUpCells(plan).length + perRound * (plan.rounds ?? roundLimits.most);
    options.onEvent?.({ event: "run", done: this.done, total, lane: lane.id, threads, round });
    const outcome = await runProgram({
      ...laneSettings(cell, options.env),
      python: lane.interpreter.executable,
      file: plan.file,
      threads,
      cpus: plan.cores.order.slice(0, threads),
      observe: round === 0,
      timeoutMs: plan.budgetMs,
      workFolder,
      ...(options.signal && { signal: options.signal }),
    });
    if (outcome.kind !== "finished") {
      throw outcomeFailure(outcome, cell, plan.file, this.worked, plan.budgetMs);
    }
    this.worked.add(lane.id);
    this.done += 1;
    return { lane: lane.id, threads, report: outcome.report };
  }
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
