/** The audit of a whole project: all imports of its files and all dependencies it names, each with its verdict. */
import { readFileSync } from "node:fs";
import { standardLibrary } from "../environment/standardLibrary.ts";
import { rangeIn } from "../findings/rangeIn.ts";
import type { ImportAudit } from "./audit.ts";
import { dependencyFilesIn, readDependencies } from "./dependencies/projectFiles.ts";
import { outsideImports } from "./importFindings.ts";
import { sourceImports } from "./sourceImports.ts";
import { type ImportVerdict, isBad } from "./verdict.ts";
import { WorkspaceModules } from "./workspaceModules.ts";

/** Zero-based line. */
export interface Place {
  readonly path: string;
  readonly line: number;
}

export interface AuditedImport {
  readonly verdict: ImportVerdict;
  /** Where it is imported, in the order of the files. */
  readonly places: readonly Place[];
  /** Every import of it stands in a `try` that makes do without it. */
  readonly optional: boolean;
}

/** Whether the GIL comes on or an import fails; one that is made do without cannot fail. */
export function isInTheWay({ verdict, optional }: AuditedImport): boolean {
  return (
    isBad(verdict) && !(optional && (!verdict.installed || verdict.verdict === "no-free-threaded-build"))
  );
}

export interface ProjectAudit {
  readonly audit: ImportAudit;
  /** By name. */
  readonly imports: readonly AuditedImport[];
  /** Dependencies that no import of the files leads to. */
  readonly dependencies: readonly AuditedImport[];
}

export interface ProjectFile {
  readonly path: string;
  readonly shown: string;
  readonly text: string;
}

export async function auditProject(
  audit: ImportAudit,
  files: readonly ProjectFile[],
  folders: readonly string[],
): Promise<ProjectAudit> {
  const workspace = new WorkspaceModules(folders, audit.platform);
  const places = new Map<string, Place[]>();
  const needed = new Set<string>();
  const add = (module: string, place: Place) => {
    const known = places.get(module);
    if (known) known.push(place);
    else places.set(module, [place]);
  };
  for (const { path, shown, text } of files) {
    for (const { statement, module, optional } of outsideImports(path, text, audit, workspace)) {
      if (!optional) needed.add(module);
      add(module, { path: shown, line: rangeIn(text, statement.start, statement.end).startLine });
    }
    for (const { module, level, start, end } of sourceImports(text, audit.platform)) {
      const top = module.split(".", 1)[0]!;
      if (level === 0 && standardLibrary.has(top))
        add(top, { path: shown, line: rangeIn(text, start, end).startLine });
    }
  }
  const imports: AuditedImport[] = [];
  for (const module of [...places.keys()].sort()) {
    const optional = !needed.has(module);
    imports.push({ verdict: await audit.verdict(module), places: places.get(module)!, optional });
  }
  return { audit, imports, dependencies: await dependenciesOf(audit, folders, imports) };
}

/** The audit of named modules, whoever imports them. */
export async function auditModules(audit: ImportAudit, modules: readonly string[]): Promise<ProjectAudit> {
  const verdicts = await Promise.all([...new Set(modules)].map((module) => audit.verdict(module)));
  const imports = verdicts.map((verdict) => ({ verdict, places: [], optional: false }));
  return { audit, imports, dependencies: [] };
}

async function dependenciesOf(
  audit: ImportAudit,
  folders: readonly string[],
  imports: readonly AuditedImport[],
): Promise<AuditedImport[]> {
  const imported = new Set(imports.map(({ verdict }) => verdict.distribution));
  const found = new Map<string, { verdict: ImportVerdict; places: Place[] }>();
  for (const path of [...new Set(folders)].flatMap(dependencyFilesIn)) {
    const text = readFileSync(path, "utf8");
    for (const dependency of readDependencies(path, text)) {
      if (imported.has(dependency.name)) continue;
      const place = { path, line: rangeIn(text, dependency.start, dependency.end).startLine };
      const known = found.get(dependency.name);
      if (known) known.places.push(place);
      else
        found.set(dependency.name, { verdict: await audit.dependencyVerdict(dependency), places: [place] });
    }
  }
  return [...found.values()]
    .map((one) => ({ ...one, optional: false }))
    .sort((a, b) => (a.verdict.import < b.verdict.import ? -1 : 1));
}
