/** Asks the runner about the function that is to be measured: where it is, its arguments, how often to call it. */
import { z } from "zod";
import type { Interpreter } from "../environment/interpreter.ts";
import { BenchFailure, outcomeFailure } from "./failure.ts";
import type { MeasureOptions } from "./measure.ts";
import type { LanePlan } from "./plan.ts";
import { laneSettings, toldAll } from "./plan.ts";
import type { BenchedFunction } from "./result.ts";
import { runRunner } from "./runProgram.ts";

/** How the work grows with the workers; `auto` splits an argument called `chunk`, and nothing else. */
export type Scaling = "auto" | "weak" | "strong";

/** One worker's calls in a measured run take about so long under the interpreter that is asked, nanoseconds. */
const targetNs = 250e6;

const answerSchema = z.union([
  z.object({ refused: z.string() }),
  z.object({
    name: z.string(),
    line: z.number(),
    arguments: z.string(),
    splits: z.string().nullable(),
    calls: z.number(),
  }),
]);

/** @throws BenchFailure when there is no such function, it cannot be called, or it fails */
export async function describeFunction(
  request: { file: string; name: string; scaling: Scaling; cpus: readonly number[]; timeoutMs: number },
  interpreter: Interpreter,
  options: MeasureOptions,
): Promise<BenchedFunction> {
  const { file, name, scaling, cpus, timeoutMs } = request;
  const lane: LanePlan = {
    id: interpreter.executable,
    label: "the function's description",
    interpreter,
    forceGil: false,
    workers: "threads",
    extra: false,
  };
  const answer = await runRunner({
    ...laneSettings(lane, toldAll(1), options.env),
    python: interpreter.executable,
    file,
    cpus,
    watch: "none",
    call: { workers: "describe", file, name, scaling, targetNs },
    timeoutMs,
    workFolder: options.workFolder,
    ...(options.signal && { signal: options.signal }),
  });
  if (answer.kind !== "answered") {
    throw outcomeFailure(answer, { lane, threads: 1 }, file, new Set(), timeoutMs);
  }
  const found = answerSchema.parse(answer.json);
  if ("refused" in found) {
    throw new BenchFailure(`${name} in ${file} cannot be measured: ${found.refused}.`);
  }
  const { splits, ...rest } = found;
  return { ...rest, ...(splits !== null && { splits }) };
}
