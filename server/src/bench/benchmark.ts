/** A benchmark from the request to the result: finds interpreters, plans, measures, judges. */
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { InterpreterCatalogue } from "../environment/discover.ts";
import { describeFunction, type Scaling } from "./benchedFunction.ts";
import { findBuilds } from "./builds.ts";
import { commandLineFor } from "./commandLine.ts";
import { isBusy, readCores } from "./cores.ts";
import { BenchFailure } from "./failure.ts";
import { loadNow, readMachine } from "./machine.ts";
import { type MeasureOptions, measure } from "./measure.ts";
import { gilCulprit, type Measurement } from "./measurement.ts";
import { makePlan } from "./plan.ts";
import { listensTo } from "./programReasons.ts";
import type { OnEvent } from "./progress.ts";
import { findReasons } from "./reasons.ts";
import { type BenchResult, benchResultSchema, type Lane } from "./result.ts";
import { writeRunner } from "./runner/runnerFiles.ts";
import { findSharedPlaces } from "./sharedPlaces.ts";
import { pairFigures, summarise, summariseHardware } from "./summary.ts";
import { type Circumstances, writeVerdict } from "./verdict.ts";

export interface BenchRequest {
  readonly file: string;
  /** One function of the file instead of all of it; `Class.method` for what needs no instance. */
  readonly function?: string;
  /** In function mode; `auto` if absent. */
  readonly scaling?: Scaling;
  /** Thread counts; 1 is always measured. Absent: 1, 2, 4, … up to the machine. */
  readonly threads?: readonly number[];
  /** Interpreters the user named. */
  readonly pythons: readonly string[];
  /** Interpreters that are preferred if they fit. */
  readonly hints: readonly string[];
  readonly rounds?: number;
  readonly budgetSeconds: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal;
  readonly onEvent?: OnEvent;
}

/** @throws BenchFailure with a message for the user, BenchCancelled when the signal asks to stop */
export async function benchmark(
  request: BenchRequest,
  catalogue: InterpreterCatalogue,
): Promise<BenchResult> {
  const file = resolve(request.file);
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile()) {
    throw new BenchFailure(found ? `${request.file} is not a file.` : `${request.file} does not exist.`);
  }
  const workFolder = await mkdtemp(join(tmpdir(), "threadproof-bench-"));
  try {
    await writeRunner(workFolder);
    const { env, signal, onEvent } = request;
    return await run(request, file, catalogue, {
      env,
      workFolder,
      ...(signal && { signal }),
      ...(onEvent && { onEvent }),
    });
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

async function run(
  request: BenchRequest,
  file: string,
  catalogue: InterpreterCatalogue,
  options: MeasureOptions,
): Promise<BenchResult> {
  const startedAt = new Date().toISOString();
  request.onEvent?.({ event: "phase", message: "Looking for interpreters" });
  const { pairs, pypy } = await findBuilds(request, catalogue);
  const cores = await readCores();
  const before = await readMachine(cores);
  const budgetMs = request.budgetSeconds * 1000;
  if (request.function !== undefined) {
    request.onEvent?.({ event: "phase", message: `Looking at ${request.function}` });
  }
  const benched =
    request.function === undefined
      ? undefined
      : await describeFunction(
          {
            file,
            name: request.function,
            scaling: request.scaling ?? "auto",
            cpus: cores.order.slice(0, 1),
            timeoutMs: budgetMs,
          },
          pairs.at(-1)!.withGil,
          options,
        );
  const plan = makePlan(file, pairs, cores, {
    budgetMs,
    ...(request.threads && { threads: request.threads }),
    ...(request.rounds !== undefined && { rounds: request.rounds }),
    ...(benched && { function: benched, mode: benched.splits ? "function-strong" : "function-weak" }),
    ...(pypy && { pypy }),
  });
  const measurement = await measure(plan, options);
  const machine = { ...before, loadAfter: loadNow() };
  const lanes = summarise(measurement);
  const hardware = summariseHardware(measurement);
  const pairsMeasured = pairFigures(lanes);
  const places = await findSharedPlaces(file, benched?.name);
  const reasons = findReasons({ measurement, lanes, hardware, machine, pairs: pairsMeasured, places });
  const listens = listensTo(measurement);
  const unavailable = [...measurement.unavailable]
    .filter(([id]) => plan.lanes.some((lane) => lane.id === id))
    .map(([id, reason]) => ({ id, reason }));
  const { budgetSeconds, rounds } = request;
  return benchResultSchema.parse({
    version: 1,
    file,
    mode: plan.mode,
    ...(benched && { function: benched }),
    startedAt,
    rounds: measurement.rounds,
    lanes,
    unavailable,
    pairs: pairsMeasured,
    hardware,
    machine,
    ...(listens && { listensTo: listens }),
    verdict: writeVerdict(lanes, reasons, circumstances(measurement, lanes)),
    reasons,
    commandLine: commandLineFor(file, { lanes, mode: plan.mode, function: benched }, budgetSeconds, rounds),
  } satisfies BenchResult);
}

function circumstances(measurement: Measurement, lanes: readonly Lane[]): Circumstances {
  const { cores } = measurement.plan;
  const culprits = lanes.flatMap(({ id }): [string, string][] => {
    const module = gilCulprit(measurement, id);
    return module ? [[id, module]] : [];
  });
  return {
    cores: cores.count,
    busy: isBusy(cores),
    culprits: new Map(culprits),
    mode: measurement.plan.mode,
  };
}
