/** The part of `threadproof check` that looks at build files and native sources of the user's own extensions. */
import { stat } from "node:fs/promises";
import { posix, resolve } from "node:path";
import { otherMarks } from "../builds/buildFile.ts";
import { byProject, findBuildFiles, projectAround, readBuildFile } from "../builds/findBuildFiles.ts";
import { BuildInspector, wantedOf } from "../builds/inspector.ts";
import type { Finding } from "../findings/finding.ts";
import type { AnalysisOptions } from "../findings/options.ts";
import type { WalkLimits } from "../sources/findSources.ts";
import type { CheckFlags } from "./checkOptions.ts";

/** Findings of one file that is no Python of the analysis, or is more than that, with the text they are about. */
export interface FileFindings {
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** Above a named file may lie a whole home directory: that many folders are looked at. */
const maxDirectories = 20_000;

function limits(): WalkLimits {
  let directories = 0;
  return { onDirectory: () => ++directories <= maxDirectories };
}

/**
 * What is wrong in the build files among or below the paths, by absolute path. Of a project that a path lies in, all
 * files are read, since what one of them lacks another may hold.
 */
export async function checkBuilds(
  paths: readonly string[],
  { select }: CheckFlags,
  optionsOf: (path: string) => AnalysisOptions,
  isExcluded: (path: string) => boolean,
): Promise<Map<string, FileFindings>> {
  const found = new Map<string, FileFindings>();
  if (select && !select.some((name) => BuildInspector.rules.has(name))) return found;
  const inspector = await BuildInspector.create();
  for (const given of paths.map((path) => resolve(path).replaceAll("\\", "/"))) {
    const isFolder = (await stat(given)).isDirectory();
    if (!isFolder && (await readBuildFile(given)).length === 0) continue;
    const inside = isFolder ? posix.join(given, "pyproject.toml") : given;
    const alone = async () => (await projectAround(inside, otherMarks)) ?? posix.dirname(given);
    const top = (await projectAround(inside)) ?? (isFolder ? given : await alone());
    const files = await findBuildFiles(top, isExcluded, limits());
    if (!isFolder && !files.some(({ path }) => path === given)) files.push(...(await readBuildFile(given)));
    // A folder may lie where walks from the project's top do not go.
    if (isFolder && top !== given && !files.some(({ path }) => path.startsWith(`${given}/`)))
      files.push(...(await findBuildFiles(given, isExcluded, limits())));
    for (const [root, own] of byProject(top, files)) {
      if (!own.some(({ path }) => path === given || path.startsWith(`${given}/`))) continue;
      const findings = wantedOf(inspector.inspect(root, own), optionsOf);
      for (const { path, text } of own) {
        if (path !== given && !path.startsWith(`${given}/`)) continue;
        const ofFile = findings.filter((finding) => finding.path === path);
        if (ofFile.length > 0) found.set(path, { text, findings: ofFile });
      }
    }
  }
  return found;
}
