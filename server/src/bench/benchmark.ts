/** A benchmark from the request to the result: finds interpreters, plans, measures, judges. */
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { InterpreterCatalogue } from "../environment/discover.ts";
import { buildName, explicitSource, versionText } from "../environment/interpreter.ts";
import { choosePairs, missingBuilds, type Pair } from "../environment/pairs.ts";
import { isBusy, readCores } from "./cores.ts";
import { BenchCancelled, BenchFailure, missingInterpreters } from "./failure.ts";
import { gilCulprit, type Measurement, measure } from "./measure.ts";
import { makePlan } from "./plan.ts";
import type { OnEvent } from "./progress.ts";
import { findReasons } from "./reasons.ts";
import { type BenchResult, benchResultSchema, type Lane } from "./result.ts";
import { summarise } from "./summary.ts";
import { type Circumstances, writeVerdict } from "./verdict.ts";

export interface BenchRequest {
  readonly file: string;
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
  request.onEvent?.({ event: "phase", message: "Looking for interpreters" });
  const pairs = await findPairs(request, catalogue);
  const plan = makePlan(file, pairs, await readCores(), {
    budgetMs: request.budgetSeconds * 1000,
    ...(request.threads && { threads: request.threads }),
    ...(request.rounds !== undefined && { rounds: request.rounds }),
  });
  const measurement = await measure(plan, request);
  const lanes = summarise(measurement);
  const reasons = findReasons(measurement, lanes);
  const verdict = writeVerdict(lanes, reasons, circumstances(measurement, lanes));
  return benchResultSchema.parse({ version: 1, lanes, verdict, reasons });
}

function circumstances(measurement: Measurement, lanes: readonly Lane[]): Circumstances {
  const { cores } = measurement.plan;
  const culprits = lanes.flatMap(({ id }): [string, string][] => {
    const module = gilCulprit(measurement, id);
    return module ? [[id, module]] : [];
  });
  return { cores: cores.count, busy: isBusy(cores), culprits: new Map(culprits) };
}

async function findPairs(request: BenchRequest, catalogue: InterpreterCatalogue): Promise<Pair[]> {
  const { pythons, hints, signal } = request;
  const { interpreters, skipped } = await catalogue.find({
    explicit: pythons,
    hints,
    ...(signal && { signal }),
  });
  if (signal?.aborted) {
    throw new BenchCancelled();
  }
  const broken = skipped.find(({ source }) => source === explicitSource);
  if (broken) {
    throw new BenchFailure(`${broken.path} cannot be used: it ${broken.reason}.`);
  }
  for (const named of interpreters.filter(({ source }) => source === explicitSource)) {
    if (named.implementation !== "cpython" || named.version[0] !== 3 || named.version[1] < 13) {
      throw new BenchFailure(
        `${named.executable} is ${named.implementation} ${versionText(named)}; free-threaded builds exist from CPython 3.13 on.`,
      );
    }
  }
  const pairs = choosePairs(interpreters);
  if (pairs.length === 0) {
    const names = [...new Set(interpreters.map(buildName))].sort();
    throw missingInterpreters(names, missingBuilds(interpreters), process.platform);
  }
  return pairs;
}
