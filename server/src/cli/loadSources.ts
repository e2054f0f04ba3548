/** From the paths on the command line to the texts to check. */
import { stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { findSources } from "../sources/findSources.ts";
import { readSource } from "../sources/readSource.ts";

/** A file as the user named it, or as found below a folder the user named. */
export interface SourceFile {
  /** What reports show. */
  readonly shown: string;
  /** What the analysis knows it by: absolute, with forward slashes, so that imports resolve across arguments. */
  readonly path: string;
}

export interface Skipped {
  readonly path: string;
  readonly reason: string;
}

/** A path as a reader of this terminal would write it: relative if it lies below where they are. */
export function shownPath(path: string): string {
  const below = relative(process.cwd(), path);
  return below.startsWith("..") || isAbsolute(below) ? path : below;
}

/** Something is wrong with the command line; the message is all that the user needs. */
export class UsageError extends Error {}

/**
 * Files that are named are always taken; folders are walked without what git ignores and what the configuration
 * excludes. Each file comes once, in an order that does not depend on that of the arguments.
 * @throws UsageError when a path does not exist.
 */
async function listSources(
  paths: readonly string[],
  isExcluded: (path: string) => boolean,
): Promise<SourceFile[]> {
  const files = new Map<string, SourceFile>();
  for (const given of paths) {
    for await (const { shown, isNamed } of expand(given)) {
      const path = resolve(shown).replaceAll("\\", "/");
      if (!files.has(path) && (isNamed || !isExcluded(path))) {
        files.set(path, { shown, path });
      }
    }
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function* expand(given: string): AsyncGenerator<{ shown: string; isNamed: boolean }> {
  const stats = await stat(given).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(error.code === "ENOENT" ? `${given}: no such file or directory` : error.message);
  });
  if (!stats.isDirectory()) {
    yield { shown: given, isNamed: true };
    return;
  }
  const root = resolve(given);
  for await (const found of findSources(root)) {
    yield { shown: join(given, relative(root, found)), isNamed: false };
  }
}

/** Over this, in bytes, a file is data rather than a program. */
const maxFileBytes = 10_000_000;

export interface Loaded {
  readonly files: readonly SourceFile[];
  readonly skipped: readonly Skipped[];
}

export interface Handlers {
  take(file: SourceFile, text: string): void;
  /** Whether a file met in a folder, given by its absolute path, is left out. */
  isExcluded(path: string): boolean;
  warn(message: string): void;
}

/** Reads every file, handing each text on at once so that only the engine decides what to keep. */
export async function loadSources(
  paths: readonly string[],
  { take, isExcluded, warn }: Handlers,
): Promise<Loaded> {
  const files: SourceFile[] = [];
  const skipped: Skipped[] = [];
  for (const file of await listSources(paths, isExcluded)) {
    const source = await readSource(file.path, maxFileBytes);
    if (source.kind === "skipped") {
      skipped.push({ path: file.shown, reason: source.reason });
      warn(`${file.shown}: skipped: ${source.reason}`);
      continue;
    }
    if (source.note !== undefined) {
      warn(`${file.shown}: ${source.note}`);
    }
    try {
      take(file, source.text);
      files.push(file);
    } catch (error) {
      const reason = `could not be analysed, please report it: ${error instanceof Error ? error.stack : error}`;
      skipped.push({ path: file.shown, reason });
      warn(`${file.shown}: ${reason}`);
    }
  }
  return { files, skipped };
}
