/** The part of `threadproof check` that looks at imports: where an environment was named, or the project has one. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { chosen } from "../analysis/otherFindings.ts";
import type { Workspace } from "../analysis/workspace.ts";
import { InterpreterCatalogue } from "../environment/discover.ts";
import type { Finding } from "../findings/finding.ts";
import type { AnalysisOptions, TargetVersion } from "../findings/options.ts";
import { ImportAudit } from "../imports/audit.ts";
import { projectEnvironment } from "../imports/chooseEnvironment.ts";
import { dependencyFilesIn } from "../imports/dependencies/projectFiles.ts";
import { dependencyFindings } from "../imports/importFindings.ts";
import { ImportReports } from "../imports/importReports.ts";
import { importRules } from "../imports/importRules.ts";
import { AuditMemory } from "../imports/memory.ts";
import { WorkspaceModules } from "../imports/workspaceModules.ts";
import { environmentNamed, folderOf } from "./environmentNamed.ts";
import { type Loaded, shownPath } from "./loadSources.ts";

interface ImportFlags {
  readonly python?: string;
  readonly target?: TargetVersion;
  readonly select?: readonly string[];
  readonly cache?: boolean;
}

/**
 * Gives the workspace the verdicts on its files' imports.
 * @returns findings of the files that name dependencies, with the paths to show
 */
export async function reportImports(
  workspace: Workspace,
  paths: readonly string[],
  loaded: Loaded,
  flags: ImportFlags,
  optionsOf: (path: string) => AnalysisOptions,
): Promise<Finding[]> {
  const folders = [...new Set(paths.map((path) => folderOf(resolve(path))))];
  const isWanted = !flags.select || importRules.some(({ name }) => flags.select!.includes(name));
  const environment =
    flags.python !== undefined
      ? await environmentNamed(flags.python, new InterpreterCatalogue())
      : projectEnvironment(folders[0] ?? process.cwd(), process.env);
  if (!environment || !isWanted) {
    workspace.reportAlso(new ImportReports());
    return [];
  }
  const memory = AuditMemory.open(process.env, flags.cache !== false);
  const audit = new ImportAudit({
    ...memory,
    environment,
    target: flags.target,
    locked: memory.locked(folders),
  });
  const reports = new ImportReports(audit, new WorkspaceModules(folders, audit.platform));
  for (const { path } of loaded.files) await reports.prepare(path, workspace.text(path) ?? "");
  workspace.reportAlso(reports);
  const found: Finding[] = [];
  for (const path of folders.flatMap(dependencyFilesIn)) {
    const findings = await dependencyFindings(shownPath(path), readFileSync(path, "utf8"), audit);
    found.push(...chosen(findings, optionsOf(path.replaceAll("\\", "/"))));
  }
  memory.close();
  return found;
}
