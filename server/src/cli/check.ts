/** `threadproof check`: findings of files and folders, for people, scripts and CI. */
import { Command, InvalidArgumentError, Option } from "commander";
import { Workspace } from "../analysis/workspace.ts";
import type { Finding, Severity } from "../findings/finding.ts";
import {
  type AnalysisOptions,
  type Concurrency,
  defaultOptions,
  type TargetVersion,
} from "../findings/options.ts";
import { fileRules, rules } from "../rules/index.ts";
import { type Loaded, loadSources } from "./loadSources.ts";
import { reportGithub } from "./report/github.ts";
import { reportJson } from "./report/json.ts";
import type { CheckResult, Reporter } from "./report/report.ts";
import { reportSarif } from "./report/sarif.ts";
import { reportText } from "./report/text.ts";

interface CheckFlags {
  readonly format: keyof typeof reporters;
  readonly concurrency: Concurrency;
  readonly target: TargetVersion;
  readonly select?: string[];
  readonly preview?: boolean;
  readonly failOn: Severity | "never";
}

const reporters = {
  text: reportText,
  json: reportJson,
  sarif: reportSarif,
  github: reportGithub,
} satisfies Record<string, Reporter>;

const severities: readonly Severity[] = ["error", "warning", "information", "hint"];

export function checkCommand(): Command {
  const option = (flags: string, description: string, choices: readonly string[], preset: string) =>
    new Option(flags, description).choices(choices).default(preset);
  return new Command("check")
    .description("report what is not ready for free-threaded CPython")
    .argument("<path...>", "files, or folders to search for Python files that git does not ignore")
    .addOption(option("--format <name>", "how to report", Object.keys(reporters), "text"))
    .addOption(
      option(
        "--concurrency <mode>",
        "auto: what the code shows to be shared; library: any public function may run on several threads",
        ["auto", "library", "off"],
        defaultOptions.concurrency,
      ),
    )
    .addOption(
      option("--target <version>", "CPython to judge by", ["3.13", "3.14", "3.15"], defaultOptions.target),
    )
    .option("--select <rules>", "report only these rules, separated by commas", ruleNames)
    .option("--preview", "report rules in preview too")
    .option("--no-cache", "analyse every file afresh (what happens anyway: nothing is kept between runs)")
    .addOption(
      option("--fail-on <severity>", "exit 1 on findings this severe", [...severities, "never"], "warning"),
    )
    .action(async (paths: string[], flags: CheckFlags) => {
      const result = await check(paths, analysisOptions(flags));
      process.stdout.write(reporters[flags.format](result));
      process.exitCode = fails(result.findings, flags.failOn) ? 1 : 0;
    });
}

function ruleNames(value: string, before: string[] = []): string[] {
  const names = value.split(",").map((name) => name.trim());
  if (names.includes("")) {
    throw new InvalidArgumentError("Expected rule names separated by commas.");
  }
  const unknown = names.filter((name) => ![...rules, ...fileRules].some(({ meta }) => meta.name === name));
  if (unknown.length > 0) {
    throw new InvalidArgumentError(`There is no rule ${unknown.join(", ")}.`);
  }
  return [...before, ...names];
}

function analysisOptions({ concurrency, target, select, preview }: CheckFlags): AnalysisOptions {
  return { concurrency, target, ...(select && { select }), ...(preview && { preview }) };
}

/** All named files form one program, so that a thread started in one shows in another. */
async function check(paths: readonly string[], options: AnalysisOptions): Promise<CheckResult> {
  const workspace = await Workspace.create(options);
  const warn = (message: string) => process.stderr.write(`threadproof: ${message}\n`);
  const loaded = await loadSources(paths, (file, text) => workspace.update(file.path, text), warn);
  return {
    findings: asShown(workspace.allFindings(), loaded),
    files: loaded.files.length,
    skipped: loaded.skipped,
  };
}

/** Findings with the paths the user gave. */
function asShown(findings: readonly Finding[], { files }: Loaded): Finding[] {
  const shown = new Map(files.map((file) => [file.path, file.shown]));
  const show = (path: string) => shown.get(path) ?? path;
  return findings
    .map((finding) => ({
      ...finding,
      path: show(finding.path),
      related: finding.related.map((place) => ({ ...place, path: show(place.path) })),
    }))
    .sort((a, b) => compare(a.path, b.path) || a.range.start - b.range.start || compare(a.rule, b.rule));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function fails(findings: readonly Finding[], failOn: CheckFlags["failOn"]): boolean {
  return (
    failOn !== "never" &&
    findings.some((finding) => severities.indexOf(finding.severity) <= severities.indexOf(failOn))
  );
}
