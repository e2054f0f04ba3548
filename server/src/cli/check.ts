/** `threadproof check`: findings of files and folders, for people, scripts and CI. */
import { isAbsolute } from "node:path";
import { Command } from "commander";
import { ruleNames } from "../analysis/ruleCatalogue.ts";
import { Workspace } from "../analysis/workspace.ts";
import { Configurations } from "../configuration/configurations.ts";
import type { Finding } from "../findings/finding.ts";
import { defaultOptions } from "../findings/options.ts";
import { Baselines } from "./baselines.ts";
import { checkBuilds } from "./checkBuilds.ts";
import { fixFiles } from "./checkFixes.ts";
import { reportImports } from "./checkImports.ts";
import { type CheckFlags, checkOptions, overridesOf, severities } from "./checkOptions.ts";
import { type Loaded, loadSources, shownPath, UsageError } from "./loadSources.ts";
import { reportGithub } from "./report/github.ts";
import { reportJson } from "./report/json.ts";
import type { CheckResult, Reporter } from "./report/report.ts";
import { reportSarif } from "./report/sarif.ts";
import { reportText } from "./report/text.ts";

const reporters: Readonly<Record<CheckFlags["format"], Reporter>> = {
  text: reportText,
  json: reportJson,
  sarif: reportSarif,
  github: reportGithub,
};

export function checkCommand(): Command {
  const command = new Command("check")
    .description("report what is not ready for free-threaded CPython")
    .argument("<path...>", "files, or folders to search for Python files that git does not ignore");
  return checkOptions(command).action(async (paths: string[], flags: CheckFlags) => {
    if (flags.unsafeFixes === true && flags.fix !== true && flags.diff !== true) {
      throw new UsageError("--unsafe-fixes needs --fix or --diff beside it");
    }
    const result = await check(paths, flags);
    if (result.diff !== undefined) {
      process.stdout.write(result.diff);
      process.exitCode = result.diff === "" ? 0 : 1;
      return;
    }
    process.stdout.write(reporters[flags.format](result));
    process.exitCode = fails(result.findings, flags.failOn) ? 1 : 0;
  });
}

/** All named files form one program, so that a thread started in one shows in another. */
async function check(
  paths: readonly string[],
  flags: CheckFlags,
): Promise<CheckResult & { readonly diff?: string }> {
  const configurations = flags.config ? new Configurations(ruleNames) : undefined;
  const over = overridesOf(flags);
  const optionsOf = (path: string) =>
    configurations?.optionsFor(path, over, defaultOptions) ?? { ...defaultOptions, ...over };
  const workspace = await Workspace.create(optionsOf);
  const loaded = await loadSources(paths, {
    take: (file, text) => workspace.update(file.path, text),
    isExcluded: (path) => configurations?.of(path)?.excludes(path) ?? false,
    warn,
  });
  // A named file is asked for its configuration too, which no walk has done.
  for (const { path } of loaded.files) configurations?.of(path);
  tellProblems(configurations);
  const dependencies = await reportImports(workspace, paths, loaded, flags, optionsOf);
  const isExcluded = (path: string) => configurations?.of(path)?.excludes(path) ?? false;
  const builds = await checkBuilds(paths, flags, optionsOf, isExcluded);
  const isFixing = flags.fix === true || flags.diff === true;
  const fixed = isFixing && (await fixFiles(workspace, loaded, flags, configurations, optionsOf, warn));
  const baselines = new Baselines(flags, configurations);
  const { findings, count } = baselines.sift(
    workspace,
    loaded.files.map((file) => file.path),
    builds,
  );
  if (count !== undefined && count.fixed > 0) {
    const writes = flags.updateBaseline || flags.writeBaseline !== undefined;
    const fixed = `known findings that are fixed: ${count.fixed}`;
    warn(writes ? `${fixed}, taken out of the baseline` : `${fixed}; --update-baseline takes them out`);
  }
  return {
    findings: asShown([...findings, ...dependencies], loaded),
    files: new Set([...loaded.files.map(({ path }) => path), ...builds.keys()]).size,
    skipped: loaded.skipped,
    ...(count && { baseline: count }),
    ...(fixed && flags.diff === true && { diff: fixed.diff }),
  };
}

function warn(message: string): void {
  process.stderr.write(`threadproof: ${message}\n`);
}

/** @throws UsageError with all errors at once */
function tellProblems(configurations: Configurations | undefined): void {
  const problems = configurations?.problems() ?? [];
  const lines = problems.map(({ path, range, severity, message }) => {
    const at = `${shownPath(path)}:${range.startLine + 1}:${range.startColumn + 1}`;
    return { severity, line: `${at}: ${message}` };
  });
  for (const { severity, line } of lines) if (severity === "warning") warn(line);
  const errors = lines.filter(({ severity }) => severity === "error").map(({ line }) => line);
  if (errors.length > 0) throw new UsageError(errors.join("\nthreadproof: "));
}

/** Findings with the paths the user gave. */
function asShown(findings: readonly Finding[], { files }: Loaded): Finding[] {
  const shown = new Map(files.map((file) => [file.path, file.shown]));
  const show = (path: string) => shown.get(path) ?? (isAbsolute(path) ? shownPath(path) : path);
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
