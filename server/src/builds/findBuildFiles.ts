/** Finds and reads the files of a folder that have a say in builds, and sorts them into projects. */
import { readFile, stat } from "node:fs/promises";
import { dirname, posix, relative, sep } from "node:path";
import { findSources, type WalkLimits } from "../sources/findSources.ts";
import { type BuildFile, isSource, kindOf, projectMarks } from "./buildFile.ts";

/** Bytes above which a file is data or generated. */
const maxFileBytes = 3_000_000;
/** Sources are read only up to this many: a folder with more holds much else beside an extension. */
const maxSources = 5_000;

/** Folders of other people's code, and of code that no user of the project imports. */
const foreign =
  /(^|\/)(vendor|vendored|_vendor|third[-_]?party|thirdparty|extern|externals?|subprojects|deps|_deps|tests?|testing|testdata|docs?|examples?|samples|demos?|bench|benches|benchmarks?|perf|fuzz(ing)?|build|dist|target|include\/pybind11)\//i;

/**
 * Build files below a folder, without what git ignores.
 * @param isExcluded whether a path is left out by configuration
 */
export async function findBuildFiles(
  root: string,
  isExcluded: (path: string) => boolean,
  limits: WalkLimits = {},
): Promise<BuildFile[]> {
  const paths: string[] = [];
  let sources = 0;
  const wants = (name: string) => kindOf(name) !== undefined;
  for await (const found of findSources(root, { ...limits, wants })) {
    const below = relative(root, found).split(sep).join("/");
    const path = found.replaceAll("\\", "/");
    if (foreign.test(below) || isExcluded(path)) continue;
    if (isSource(kindOf(path)!) && ++sources > maxSources) continue;
    paths.push(path);
  }
  const files: BuildFile[] = [];
  for (const path of paths) files.push(...(await readBuildFile(path)));
  return files;
}

/** The file, or nothing when it is none of a build, unreadable or too large. */
export async function readBuildFile(path: string): Promise<BuildFile[]> {
  const kind = kindOf(path);
  if (!kind) return [];
  try {
    const { size } = await stat(path);
    if (size > maxFileBytes) return [];
    return [{ path, kind, text: await readFile(path, "utf8") }];
  } catch {
    return [];
  }
}

/**
 * The folder of the project around a path: the nearest one above it with a file that makes it one.
 * @param names of the files that do; those of Python projects when absent
 * @returns undefined when there is none up to the top of the repository
 */
export async function projectAround(
  path: string,
  names: readonly string[] = projectMarks,
): Promise<string | undefined> {
  for (let folder = posix.dirname(path); ; folder = dirname(folder)) {
    const marks = await Promise.all(names.map((name) => exists(posix.join(folder, name))));
    if (marks.includes(true)) return folder;
    if (folder === dirname(folder) || (await exists(posix.join(folder, ".git")))) return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Files by project: each belongs to the nearest folder above it with a file that makes it one, or to the top. */
export function byProject(top: string, files: readonly BuildFile[]): Map<string, BuildFile[]> {
  const roots = new Set(
    files
      .filter(({ path }) => projectMarks.includes(posix.basename(path)))
      .map(({ path }) => posix.dirname(path)),
  );
  const projects = new Map<string, BuildFile[]>();
  for (const file of files) {
    let folder = posix.dirname(file.path);
    while (folder !== top && !roots.has(folder) && folder !== posix.dirname(folder))
      folder = posix.dirname(folder);
    const root = roots.has(folder) ? folder : top;
    const list = projects.get(root);
    if (list) list.push(file);
    else projects.set(root, [file]);
  }
  return projects;
}
