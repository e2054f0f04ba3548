/** `check --fix` and `check --diff`: applies fixes to the files of a run, or shows what they would do. */
import { createTwoFilesPatch } from "diff";
import type { Workspace } from "../analysis/workspace.ts";
import type { Configurations } from "../configuration/configurations.ts";
import type { AnalysisOptions } from "../findings/options.ts";
import { type FixAllResult, fixAll } from "../fixes/fixAll.ts";
import { writeSource } from "../sources/writeSource.ts";
import { Baselines } from "./baselines.ts";
import type { CheckFlags } from "./checkOptions.ts";
import type { Loaded } from "./loadSources.ts";

export interface FixReport {
  /** A unified diff of all changes. */
  readonly diff: string;
}

/**
 * Fixes what the run would report. Afterwards the workspace holds the texts as they are on disk, except with `--diff`,
 * which writes nothing.
 * @param tell takes one line for the user at a time
 */
export async function fixFiles(
  workspace: Workspace,
  { files }: Loaded,
  flags: CheckFlags,
  configurations: Configurations | undefined,
  optionsOf: (path: string) => AnalysisOptions,
  tell: (line: string) => void,
): Promise<FixReport> {
  const shown = new Map(files.map((file) => [file.path, file.shown]));
  const before = new Map(files.map(({ path }) => [path, workspace.text(path) ?? ""]));
  const baselines = new Baselines(flags, configurations);
  const result = fixAll(
    {
      findings: (path) => baselines.sift(workspace, [path], new Map()).findings,
      text: (path) => workspace.text(path),
      tree: (path) => workspace.tree(path),
      target: (path) => optionsOf(path).target,
      update: (path, text) => workspace.update(path, text),
    },
    { paths: files.map(({ path }) => path), unsafe: flags.unsafeFixes === true },
  );
  const name = (path: string) => shown.get(path) ?? path;
  const diff = [...result.texts].map(([path, text]) => patch(name(path), before.get(path)!, text)).join("");
  if (flags.diff === true) {
    tell(`would fix ${amount(result)}`);
    return { diff };
  }
  const left = new Set<string>();
  for (const [path, text] of result.texts) {
    const reason = await writeSource(path, before.get(path)!, text);
    if (reason === undefined) continue;
    left.add(path);
    workspace.update(path, before.get(path)!);
    tell(`${name(path)}: not fixed: ${reason}`);
  }
  const written = {
    applied: result.applied.filter(({ finding }) => !left.has(finding.path)),
    texts: new Map([...result.texts].filter(([path]) => !left.has(path))),
  };
  for (const { finding, title } of written.applied) {
    tell(`${name(finding.path)}: ${finding.function}: ${finding.rule}: ${title}`);
  }
  tell(`fixed ${amount(written)}`);
  if (!result.isComplete) tell("there is more to fix: run it again");
  return { diff };
}

function patch(name: string, before: string, after: string): string {
  return createTwoFilesPatch(name, name, before, after, "", "", {
    context: 3,
    headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
  });
}

function amount({ applied, texts }: Pick<FixAllResult, "applied" | "texts">): string {
  const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  return `${counted(applied.length, "finding")} in ${counted(texts.size, "file")}`;
}
