/** Which files of a project name its dependencies, and how each is read. */
import { basename, join } from "node:path";
import { namesIn, textOf } from "../../environment/folderContents.ts";
import type { Dependency } from "./dependency.ts";
import { readPipfileLock, readTomlLock } from "./lockFiles.ts";
import { readPyproject } from "./pyproject.ts";
import { readRequirements } from "./requirement.ts";

type Reader = (text: string) => Dependency[];

const locks: Readonly<Record<string, Reader>> = {
  "uv.lock": readTomlLock,
  "poetry.lock": readTomlLock,
  "pdm.lock": readTomlLock,
  "Pipfile.lock": readPipfileLock,
};

function readerOf(path: string): Reader | undefined {
  const name = basename(path);
  if (name === "pyproject.toml") return readPyproject;
  if (/^pylock(\.[^.]+)?\.toml$/.test(name)) return readTomlLock;
  if (/^requirements.*\.(txt|in)$|\.requirements\.txt$/.test(name)) return readRequirements;
  if (/[\\/]requirements[\\/][^\\/]+\.(txt|in)$/.test(path)) return readRequirements;
  return locks[name];
}

/** Whether a file names dependencies; told from its name. */
export function namesDependencies(path: string): boolean {
  return readerOf(path) !== undefined;
}

export function readDependencies(path: string, text: string): Dependency[] {
  return readerOf(path)?.(text) ?? [];
}

/** The dependency files directly in a folder, and those in its `requirements`. */
export function dependencyFilesIn(folder: string): string[] {
  const nested = join(folder, "requirements");
  const inside = (at: string) => namesIn(at).map((name) => join(at, name));
  return [...inside(folder), ...inside(nested)].filter(namesDependencies);
}

/** What a folder's files pin: name to its version and, from lock files, its wheels. Lock files win over requirements. */
export function lockedIn(folder: string): Map<string, Dependency> {
  const locked = new Map<string, Dependency>();
  for (const path of dependencyFilesIn(folder)) {
    for (const one of readDependencies(path, textOf(path))) {
      const known = locked.get(one.name);
      if (one.version !== undefined && (!known || (one.wheels && !known.wheels))) locked.set(one.name, one);
    }
  }
  return locked;
}
