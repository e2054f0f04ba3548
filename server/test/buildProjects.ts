/** Projects for tests of the audit of builds, as files by name. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type BuildFile, kindOf } from "../src/builds/buildFile.ts";
import type { BuildFinding } from "../src/builds/buildReport.ts";
import { inspectProject } from "../src/builds/inspect.ts";
import { loadParser } from "../src/syntax/parser.ts";

export const fixtures = resolve(import.meta.dirname, "../../fixtures/builds");
const root = "/project";
const parser = await loadParser();

/** @param files name below the project's top to text */
export function inspect(files: Readonly<Record<string, string>>): BuildFinding[] {
  const read: BuildFile[] = Object.entries(files).flatMap(([name, text]) => {
    const kind = kindOf(name);
    return kind ? [{ path: `${root}/${name}`, text, kind }] : [];
  });
  return inspectProject(root, read, parser);
}

/** As `name:line rule`, one-based. */
export function told(findings: readonly BuildFinding[]): string[] {
  return findings.map(
    ({ path, range, rule }) => `${path.slice(root.length + 1)}:${range.startLine + 1} ${rule}`,
  );
}

/** The files of a project in fixtures/builds. */
export function projectFiles(name: string): Record<string, string> {
  const folder = join(fixtures, name);
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    names.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1).replaceAll("\\", "/"), readFileSync(path, "utf8")];
    }),
  );
}
