// The fixes that the findings of one project offer, each tried by itself.
import { readFileSync } from "node:fs";
import { Workspace } from "../../server/src/analysis/workspace.ts";
import type { Finding } from "../../server/src/findings/finding.ts";
import { fixesFor } from "../../server/src/fixes/fixesFor.ts";
import { type Project, pythonFiles } from "./projects.ts";
import { type FixTrial, tryFixes } from "./trial.ts";

export interface ProjectTrials {
  readonly trials: readonly FixTrial[];
  /** How many findings were tried, and how many offer a fix, be it a refused one. */
  readonly tried: number;
  readonly fixable: number;
}

/**
 * @param share how many findings to try, at equal distances among all that offer a fix
 * @param isEachAlone whether to take every file for a program of its own, which is faster
 */
export async function tryProject(
  project: Project,
  share: number,
  isEachAlone: boolean,
): Promise<ProjectTrials> {
  const files = pythonFiles(project);
  const programs = isEachAlone ? files.map((file) => [file]) : [files];
  const found: { finding: Finding; files: readonly string[] }[] = [];
  for (const program of programs) {
    const workspace = await load(program);
    const sources = { tree: (file: string) => workspace.tree(file) };
    const findings = workspace.allFindings().filter((finding) => fixesFor(finding, sources).length > 0);
    found.push(...findings.map((finding) => ({ finding, files: program })));
  }
  const chosen = spread(found, share);
  const trials: FixTrial[] = [];
  let loaded: { files: readonly string[]; workspace: Workspace } | undefined;
  for (const { finding, files: program } of chosen) {
    if (loaded?.files !== program) loaded = { files: program, workspace: await load(program) };
    trials.push(...tryFixes(loaded.workspace, finding));
  }
  return { trials, tried: chosen.length, fixable: found.length };
}

async function load(files: readonly string[]): Promise<Workspace> {
  const workspace = await Workspace.create({ concurrency: "library", target: "3.13" });
  for (const file of files) workspace.update(file, readFileSync(file, "utf8"));
  return workspace;
}

/** So many of them, at equal distances. */
function spread<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!);
}
