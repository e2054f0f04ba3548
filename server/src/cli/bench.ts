/** `threadproof bench`: how a program scales with and without the GIL, measured on this machine. */
import { writeFile } from "node:fs/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { type BenchRequest, benchmark } from "../bench/benchmark.ts";
import { BenchCancelled, MissingInterpreters } from "../bench/failure.ts";
import { reportHtml } from "../bench/report/html.ts";
import { viewOf } from "../bench/report/view.ts";
import type { BenchResult } from "../bench/result.ts";
import { InterpreterCatalogue } from "../environment/discover.ts";
import { BenchProgress, type ProgressMode, progressModes } from "./benchProgress.ts";
import { type BenchFormat, benchFormats, writeReport } from "./benchReport.ts";
import { readResult } from "./benchResultFile.ts";
import { UsageError } from "./loadSources.ts";
import { stopRequests } from "./stopRequests.ts";

interface BenchFlags {
  readonly function?: string;
  readonly scaling?: "weak" | "strong";
  readonly threads?: number[];
  readonly python: string[];
  readonly hint: string[];
  readonly rounds?: number;
  readonly budget: number;
  readonly format: BenchFormat;
  readonly html?: string;
  readonly read?: string;
  readonly compare?: string;
  readonly progress: ProgressMode;
}

export function benchCommand(): Command {
  const collect = (value: string, before: string[]) => [...before, value];
  return new Command("bench")
    .description(
      "run a program or one of its functions under CPython with and without the GIL, on 1, 2, … cores, and compare",
    )
    .argument("[file]", "the Python program, run unchanged as __main__ in its own folder")
    .option("--function <name>", "measure this function instead: called by 1, 2, … workers at once")
    .addOption(
      new Option(
        "--scaling <kind>",
        "with --function: weak gives every worker a call of its own, strong splits one",
      ).choices(["weak", "strong"]),
    )
    .option(
      "--threads <counts>",
      "cores to measure on, separated by commas (default: 1, 2, 4, … all)",
      threadCounts,
    )
    .option(
      "--python <exe>",
      "an interpreter to compare; may be repeated; found by itself if absent",
      collect,
      [],
    )
    .addOption(
      new Option("--hint <exe>", "an interpreter to prefer if it fits")
        .argParser(collect)
        .default([])
        .hideHelp(),
    )
    .option("--rounds <n>", "measure exactly so many rounds", positive(true))
    .option(
      "--budget <seconds>",
      "time for all rounds together, and the most that one run may take",
      positive(false),
      60,
    )
    .addOption(new Option("--format <name>", "how to report").choices(benchFormats).default("text"))
    .option("--html <out>", "also write a report with pictures to this file")
    .option("--read <result>", "report a result that was saved with --format json, without measuring")
    .option("--compare <result>", "compare with an earlier result that was saved with --format json")
    .addOption(
      new Option("--progress <mode>", "on stderr; auto is a bar on a terminal and plain lines elsewhere")
        .choices(progressModes)
        .default("auto"),
    )
    .action(bench);
}

async function bench(file: string | undefined, flags: BenchFlags): Promise<void> {
  if ((file === undefined) === (flags.read === undefined)) {
    throw new UsageError("Name a Python program to measure, or a saved result with --read, and not both.");
  }
  const progress = new BenchProgress(flags.progress, process.stderr);
  // Read before measuring: a wrong name should not cost a minute.
  const before = flags.compare === undefined ? undefined : await readResult(flags.compare);
  if (file === undefined) {
    await report(await readResult(flags.read!), before, flags, progress);
    return;
  }
  // Whoever reads JSON progress holds our standard input open and closes it to stop us: works on every system.
  const stop = stopRequests(flags.progress === "json" ? process.stdin : undefined);
  const request: BenchRequest = {
    file,
    pythons: flags.python,
    hints: flags.hint,
    budgetSeconds: flags.budget,
    env: process.env,
    signal: stop.signal,
    onEvent: (event) => progress.show(event),
    ...(flags.function !== undefined && { function: flags.function }),
    ...(flags.scaling && { scaling: flags.scaling }),
    ...(flags.threads && { threads: flags.threads }),
    ...(flags.rounds !== undefined && { rounds: flags.rounds }),
  };
  try {
    await report(await benchmark(request, new InterpreterCatalogue()), before, flags, progress);
  } catch (error) {
    progress.show({
      event: "error",
      message: error instanceof Error ? error.message : String(error),
      ...(error instanceof MissingInterpreters && { install: error.install }),
    });
    if (!(error instanceof BenchCancelled)) {
      throw error;
    }
    process.stderr.write(flags.progress === "json" ? "" : `threadproof: ${error.message}\n`);
    process.exitCode = stop.exitCode();
  } finally {
    stop.end();
  }
}

async function report(
  result: BenchResult,
  before: BenchResult | undefined,
  flags: BenchFlags,
  progress: BenchProgress,
): Promise<void> {
  if (flags.html) {
    await writeFile(flags.html, reportHtml(result, before));
  }
  progress.show({ event: "done", view: viewOf(result, before) });
  process.stdout.write(writeReport(result, before, flags.format, process.stdout));
}

function threadCounts(value: string): number[] {
  const counts = value.split(",").map(Number);
  if (!counts.every((count) => Number.isInteger(count) && count >= 1 && count <= 1024)) {
    throw new InvalidArgumentError("Expected whole numbers from 1 on, separated by commas, like 1,2,4.");
  }
  return counts;
}

function positive(whole: boolean): (value: string) => number {
  return (value) => {
    const number = Number(value);
    if (!(number > 0 && number <= 86_400) || (whole && !Number.isInteger(number))) {
      throw new InvalidArgumentError(`Expected a ${whole ? "whole " : ""}number above 0.`);
    }
    return number;
  };
}
