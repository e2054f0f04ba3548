/** `threadproof bench`: how a program scales with and without the GIL, measured on this machine. */
import { writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { type BenchRequest, benchmark } from "../bench/benchmark.ts";
import { commandLineFor } from "../bench/commandLine.ts";
import { BenchCancelled } from "../bench/failure.ts";
import { chartSummary, reportHtml } from "../bench/report/html.ts";
import { reportMarkdown } from "../bench/report/markdown.ts";
import { costLines, groupHead, tableGroups } from "../bench/report/table.ts";
import { reportText } from "../bench/report/text.ts";
import type { BenchResult } from "../bench/result.ts";
import { InterpreterCatalogue } from "../environment/discover.ts";
import { BenchProgress, type ProgressMode } from "./benchProgress.ts";
import { stopRequests } from "./stopRequests.ts";

interface BenchFlags {
  readonly threads?: number[];
  readonly python: string[];
  readonly hint: string[];
  readonly rounds?: number;
  readonly budget: number;
  readonly format: "text" | "json" | "markdown";
  readonly html?: string;
  readonly progress: ProgressMode;
}

export function benchCommand(): Command {
  const collect = (value: string, before: string[]) => [...before, value];
  return new Command("bench")
    .description("run a program under CPython with and without the GIL, on 1, 2, … cores, and compare")
    .argument("<file>", "the Python program, run unchanged as __main__ in its own folder")
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
    .addOption(
      new Option("--format <name>", "how to report").choices(["text", "json", "markdown"]).default("text"),
    )
    .option("--html <out>", "also write a report with a chart to this file")
    .addOption(
      new Option("--progress <mode>", "on stderr: a line for people, JSON lines, or nothing")
        .choices(["auto", "json", "none"])
        .default("auto"),
    )
    .action(bench);
}

async function bench(file: string, flags: BenchFlags): Promise<void> {
  const progress = new BenchProgress(flags.progress, process.stderr);
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
    ...(flags.threads && { threads: flags.threads }),
    ...(flags.rounds !== undefined && { rounds: flags.rounds }),
  };
  try {
    const result = await benchmark(request, new InterpreterCatalogue());
    const commandLine = commandLineFor(resolve(file), result, flags.budget, flags.rounds);
    const title = basename(file);
    if (flags.html) {
      await writeFile(flags.html, reportHtml(result, title, commandLine));
    }
    progress.show({
      event: "done",
      markdown: reportMarkdown(result, title, commandLine),
      commandLine,
      table: { head: groupHead, groups: tableGroups(result) },
      costs: costLines(result),
      chartSummary: chartSummary(result),
    });
    process.stdout.write(formatted(result, flags.format, title, commandLine));
  } catch (error) {
    progress.show({ event: "error", message: error instanceof Error ? error.message : String(error) });
    if (!(error instanceof BenchCancelled)) {
      throw error;
    }
    process.stderr.write(flags.progress === "json" ? "" : `threadproof: ${error.message}\n`);
    process.exitCode = stop.exitCode();
  } finally {
    stop.end();
  }
}

function formatted(
  result: BenchResult,
  format: BenchFlags["format"],
  title: string,
  commandLine: string,
): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(result, null, 2)}\n`;
    case "markdown":
      return reportMarkdown(result, title, commandLine);
    case "text": {
      const { isTTY, columns } = process.stdout;
      const colours = Boolean(isTTY) && !process.env.NO_COLOR;
      return reportText(result, { colours, width: Math.min(columns ?? 100, 110) });
    }
  }
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
