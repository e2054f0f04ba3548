/** Carries out a plan: warm-up, then rounds until they suffice or the time is up. One process at a time. */
import { stat } from "node:fs/promises";
import { BenchCancelled, BenchFailure, outcomeFailure, shortFailure } from "./failure.ts";
import type { Measurement, Observation } from "./measurement.ts";
import {
  type Cell,
  chiefLane,
  hardwareId,
  type LanePlan,
  laneSettings,
  type Plan,
  roundLimits,
  roundOrder,
  toldAll,
  type WorkerSource,
  warmUpCells,
  workerSources,
} from "./plan.ts";
import type { OnEvent } from "./progress.ts";
import { type FunctionCall, type RunOutcome, runProgram, type Watch } from "./runProgram.ts";
import type { ProbeReport, RunReport } from "./runReport.ts";
import { medianInterval, relativeWidth } from "./statistics.ts";
import { summarise } from "./summary.ts";

export interface MeasureOptions {
  /** Environment of the program. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where `writeRunner` has put the runner. */
  readonly workFolder: string;
  readonly signal?: AbortSignal;
  readonly onEvent?: OnEvent;
}

/** Widest interval, relative to its median, at which more rounds are not worth their time. */
const tightEnough = 0.02;

/** About 50 ms of the loop over integers. */
const hardwareSteps = 1_000_000;

/** @throws BenchFailure when the program fails in any run; BenchCancelled when the signal asks to stop. */
export async function measure(plan: Plan, options: MeasureOptions): Promise<Measurement> {
  return new Measuring(plan, options).all();
}

class Measuring {
  private readonly warmUps: Observation[] = [];
  private readonly samples: Observation[] = [];
  private readonly hardware: Observation[] = [];
  private readonly unavailable = new Map<string, string>();
  private readonly worked = new Set<string>();
  private probe: ProbeReport | undefined;
  private listens: ReadonlySet<WorkerSource> | undefined;
  private done = 0;

  constructor(
    private readonly plan: Plan,
    private readonly options: MeasureOptions,
  ) {}

  async all(): Promise<Measurement> {
    for (const cell of warmUpCells(this.plan)) {
      const report = await this.run(cell, 0, { watch: "count" });
      if (report) this.warmUps.push({ lane: cell.lane.id, threads: cell.threads, report });
    }
    await this.askMore();
    const started = performance.now();
    let rounds = 0;
    while (!this.enough(rounds, performance.now() - started)) {
      rounds += 1;
      for (const cell of roundOrder(this.plan, rounds)) {
        const report = await this.run(cell, rounds, { watch: "none" });
        const into = cell.lane.id === hardwareId ? this.hardware : this.samples;
        if (report) into.push({ lane: cell.lane.id, threads: cell.threads, report });
      }
      this.options.onEvent?.({ event: "partial", round: rounds, lanes: summarise(this.result(rounds)) });
    }
    return this.result(rounds);
  }

  private result(rounds: number): Measurement {
    const { plan, warmUps, hardware, probe, listens, unavailable } = this;
    const samples = this.samples.filter(({ lane }) => !unavailable.has(lane));
    return { plan, warmUps, samples, hardware, probe, listens, unavailable, rounds };
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
        const times = cell.map(({ report }) => report.wallNs);
        return times.length === 0 || relativeWidth(medianInterval(times)) <= tightEnough;
      }),
    );
  }

  /** Runs of the chief lane that only explain; what fails in them is not known, and nothing worse. */
  private async askMore(): Promise<void> {
    const lane = chiefLane(this.plan);
    const threads = this.plan.threads.at(-1)!;
    if (!lane || threads === 1) {
      return;
    }
    this.options.onEvent?.({ event: "phase", message: "Counting locks and garbage collections" });
    const watched = await this.tried({ lane, threads }, { watch: "locks" });
    this.probe = watched?.probe && { ...watched.probe, wallNs: watched.wallNs };
    if (this.plan.mode === "program") {
      this.listens = await this.findListening(lane, threads);
    }
  }

  /** A source that was asked counts only if the number of threads follows it. */
  private async findListening(lane: LanePlan, threads: number): Promise<Set<WorkerSource>> {
    const started = (count: number) =>
      this.warmUps.find((one) => one.lane === lane.id && one.threads === count)?.report;
    const wide = started(threads);
    if (!wide || wide.threadsStarted === started(1)?.threadsStarted) {
      return new Set();
    }
    const asked = workerSources.filter((source) => wide.asked.includes(source));
    if (asked.length === 1) {
      return new Set(asked);
    }
    const heard = new Set<WorkerSource>();
    for (const source of asked.length > 0 ? asked : workerSources) {
      const told = { ...toldAll(threads), [source]: 1 };
      const report = await this.tried({ lane, threads }, { watch: "count", told });
      if (report && report.threadsStarted !== wide.threadsStarted) heard.add(source);
    }
    return heard;
  }

  private async tried(cell: Cell, how: How): Promise<RunReport | undefined> {
    const outcome = await this.start(cell, { ...how, timeoutMs: this.patience(cell) });
    if (outcome.kind === "cancelled") {
      throw new BenchCancelled();
    }
    return outcome.kind === "finished" ? outcome.report : undefined;
  }

  /** @returns undefined when the lane is or becomes unavailable */
  private async run(cell: Cell, round: number, how: How): Promise<RunReport | undefined> {
    const { plan, options, unavailable } = this;
    const { lane, threads } = cell;
    if (unavailable.has(lane.id)) {
      return undefined;
    }
    const perRound = (plan.lanes.length + 1) * plan.threads.length;
    const total = warmUpCells(plan).length + perRound * (plan.rounds ?? roundLimits.most);
    options.onEvent?.({ event: "run", done: this.done, total, lane: lane.id, threads, round });
    this.done += 1;
    const outcome = await this.start(cell, how);
    if (outcome.kind === "finished" && outcome.report.unavailable === undefined) {
      this.worked.add(lane.id);
      return outcome.report;
    }
    if (outcome.kind === "finished") {
      unavailable.set(lane.id, outcome.report.unavailable!);
      return undefined;
    }
    if (outcome.kind !== "cancelled" && !(await stat(plan.file).catch(() => undefined))) {
      throw new BenchFailure(`${plan.file} was removed or renamed while it was being measured.`);
    }
    const ownFault = lane.extra || lane.id === hardwareId;
    if (ownFault && outcome.kind !== "cancelled") {
      unavailable.set(lane.id, shortFailure(outcome, plan.budgetMs));
      return undefined;
    }
    throw outcomeFailure(outcome, cell, plan.file, this.worked, plan.budgetMs);
  }

  /** A watched program may get stuck where it otherwise would not: it gets a multiple of what it took before. */
  private patience({ lane, threads }: Cell): number {
    const before = this.warmUps.find((one) => one.lane === lane.id && one.threads === threads)?.report;
    return Math.min(this.plan.budgetMs, before ? 5 * before.processMs + 5000 : this.plan.budgetMs);
  }

  private start(
    cell: Cell,
    { watch, told = toldAll(cell.threads), timeoutMs = this.plan.budgetMs }: How,
  ): Promise<RunOutcome> {
    const { plan, options } = this;
    const { lane } = cell;
    const call = functionCall(plan, cell);
    return runProgram({
      ...laneSettings(lane, told, options.env),
      python: lane.interpreter.executable,
      file: plan.file,
      cpus: plan.cores.order.slice(0, told.affinity),
      // An audit hook belongs to one interpreter of one process.
      watch: lane.workers === "threads" && lane.interpreter.implementation === "cpython" ? watch : "none",
      timeoutMs,
      workFolder: options.workFolder,
      ...(call && { call }),
      ...(options.signal && { signal: options.signal }),
    });
  }
}

interface How {
  readonly watch: Watch;
  readonly told?: Readonly<Record<WorkerSource, number>>;
  readonly timeoutMs?: number;
}

function functionCall(plan: Plan, { lane, threads }: Cell): FunctionCall | undefined {
  const { file, function: benched } = plan;
  const common = { file, threads, workers: lane.workers };
  if (lane.id === hardwareId) {
    return { ...common, name: null, steps: hardwareSteps, arguments: "", splits: null, calls: 1 };
  }
  if (!benched) {
    return undefined;
  }
  const { name, arguments: text, splits, calls } = benched;
  return { ...common, name, arguments: text, splits: splits ?? null, calls };
}
