/**
 * Walks a folder for Python files. A generator, so that whoever asks can stop the walk itself at a limit or on
 * cancel: a glob that collects first would already have crossed the whole of a home directory.
 */
import { type Dirent, existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import { IgnoreRules, skippedDirectories } from "./ignoreRules.ts";

/** The file that makes a folder a virtual environment, whatever it is called. */
const environmentMark = "pyvenv.cfg";

export interface WalkLimits {
  /** Ends the walk, between two directories, once aborted. */
  readonly signal?: AbortSignal;
  /** Asked before each directory is read; `false` ends the walk. */
  readonly onDirectory?: () => boolean;
  /** Which files to yield, by their names; Python files when absent. */
  readonly wants?: (name: string) => boolean;
}

/**
 * Yields absolute paths of Python files, or those the limits name, below `root`, files before subfolders, each in code-unit order.
 * Symbolic links are not followed; unreadable folders and virtual environments are passed over.
 */
export async function* findSources(root: string, limits: WalkLimits = {}): AsyncGenerator<string> {
  const wants = limits.wants ?? isPython;
  const waiting = [{ directory: root, rules: await IgnoreRules.around(root) }];
  while (waiting.length > 0 && !limits.signal?.aborted && (limits.onDirectory?.() ?? true)) {
    const { directory, rules } = waiting.pop()!;
    const entries = await list(directory);
    if (directory !== root && entries.some((entry) => entry.name === environmentMark)) {
      continue;
    }
    const inside = await rules.enter(directory);
    const folders: typeof waiting = [];
    for (const entry of entries) {
      const path = join(directory, entry.name);
      if (entry.isFile() && wants(entry.name) && !inside.ignores(path, false)) {
        yield path;
      } else if (entry.isDirectory() && isWalked(entry.name) && !inside.ignores(path, true)) {
        folders.push({ directory: path, rules: inside });
      }
    }
    waiting.push(...folders.reverse());
  }
}

/** Whether a walk from `root` would reach `path`; for files that appear after the walk. */
export async function isReached(root: string, path: string): Promise<boolean> {
  const inside = relative(root, path);
  if (!isPython(path) || inside.startsWith("..") || isAbsolute(inside)) {
    return false;
  }
  let directory = root;
  let rules = await (await IgnoreRules.around(root)).enter(root);
  for (const part of inside.split(sep).slice(0, -1)) {
    directory = join(directory, part);
    if (!isWalked(part) || rules.ignores(directory, true) || existsSync(join(directory, environmentMark))) {
      return false;
    }
    rules = await rules.enter(directory);
  }
  return !rules.ignores(path, false);
}

async function list(directory: string): Promise<Dirent[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

function isWalked(folder: string): boolean {
  return !skippedDirectories.has(folder);
}

function isPython(path: string): boolean {
  return path.endsWith(".py") || path.endsWith(".pyw");
}
