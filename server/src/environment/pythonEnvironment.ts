/** Where an interpreter finds installed packages, read from its folders without running anything. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { namesIn, textOf } from "./folderContents.ts";
import type { Interpreter } from "./interpreter.ts";

export interface PythonEnvironment {
  /** Folder of the environment: that with `pyvenv.cfg`, or the installation's prefix. */
  readonly prefix: string;
  /** The interpreter's file, where there is one. */
  readonly executable: string | undefined;
  /** Major and minor version. */
  readonly version: readonly [number, number];
  readonly freeThreaded: boolean;
  /** Existing `site-packages` folders, in the order in which they are searched. */
  readonly siteFolders: readonly string[];
}

/** `3.13t`, as people name the build. */
export function environmentBuild({ version, freeThreaded }: PythonEnvironment): string {
  return `${version.join(".")}${freeThreaded ? "t" : ""}`;
}

/**
 * The environment an executable belongs to, from the folders around it alone.
 * @returns undefined when the folders do not say which Python it is; then the interpreter has to be asked.
 */
export function readEnvironment(executable: string): PythonEnvironment | undefined {
  const path = resolve(executable);
  for (const folder of [dirname(dirname(path)), dirname(path)]) {
    const virtual = readVirtualEnvironment(folder);
    if (virtual) return { ...virtual, executable: path };
  }
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return undefined;
  }
  const named = /^python(\d+)\.(\d+)(t?)d?(\.exe)?$/.exec(basename(real));
  if (!named) return undefined;
  const prefix = dirname(dirname(real));
  const version = [Number(named[1]), Number(named[2])] as const;
  const freeThreaded = named[3] === "t";
  return existsSync(join(prefix, "lib", libraryName(version, freeThreaded)))
    ? {
        prefix,
        executable: path,
        version,
        freeThreaded,
        siteFolders: baseFolders(prefix, version, freeThreaded),
      }
    : undefined;
}

/** The environment of an interpreter that has said what it is. */
export function environmentOf(interpreter: Interpreter): PythonEnvironment {
  const { executable, prefix, freeThreaded } = interpreter;
  const version = [interpreter.version[0], interpreter.version[1]] as const;
  const virtual = readVirtualEnvironment(prefix);
  const siteFolders = virtual ? virtual.siteFolders : baseFolders(prefix, version, freeThreaded);
  return { prefix, executable, version, freeThreaded, siteFolders };
}

/** A folder with `pyvenv.cfg`; undefined when it is none or does not tell its version. */
export function readVirtualEnvironment(folder: string): PythonEnvironment | undefined {
  const settings = readSettings(join(folder, "pyvenv.cfg"));
  if (!settings) return undefined;
  const written = /^(\d+)\.(\d+)/.exec(settings.get("version") ?? settings.get("version_info") ?? "");
  const library = libraryIn(folder, written ? `${written[1]}.${written[2]}` : undefined);
  const version =
    library?.version ?? (written ? ([Number(written[1]), Number(written[2])] as const) : undefined);
  if (!version) return undefined;
  // On Windows the folders have no version in their names; the base executable's name tells the build.
  const freeThreaded = library?.freeThreaded ?? /\dt\.exe$/i.test(settings.get("executable") ?? "");
  const siteFolders = existing([
    ...(library ? [join(library.path, "site-packages")] : []),
    ...(library ? [join(folder, "lib64", basename(library.path), "site-packages")] : []),
    join(folder, "Lib", "site-packages"),
  ]);
  const home = settings.get("home");
  if (settings.get("include-system-site-packages")?.toLowerCase() === "true" && home) {
    siteFolders.push(...baseFolders(dirname(home), version, freeThreaded));
  }
  return { prefix: folder, executable: executableIn(folder), version, freeThreaded, siteFolders };
}

/** The virtual environment of a project: `.venv` or `venv` in the folder or one above it. */
export function findProjectEnvironment(folder: string): PythonEnvironment | undefined {
  let at = resolve(folder);
  for (;;) {
    for (const name of [".venv", "venv"]) {
      const found = readVirtualEnvironment(join(at, name));
      if (found) return found;
    }
    const above = dirname(at);
    // A repository is where a project ends.
    if (above === at || existsSync(join(at, ".git"))) return undefined;
    at = above;
  }
}

function libraryIn(folder: string, wanted: string | undefined) {
  const found = namesIn(join(folder, "lib"))
    .map((name) => /^python(\d+)\.(\d+)(t?)d?$/.exec(name))
    .filter((match) => match !== null)
    .map((match) => ({
      path: join(folder, "lib", match[0]),
      version: [Number(match[1]), Number(match[2])] as const,
      freeThreaded: match[3] === "t",
    }))
    .filter(({ path }) => existsSync(join(path, "site-packages")));
  return found.find(({ version }) => version.join(".") === wanted) ?? found[0];
}

function baseFolders(prefix: string, version: PythonEnvironment["version"], freeThreaded: boolean): string[] {
  const library = libraryName(version, freeThreaded);
  const debian = join("lib", "python3", "dist-packages");
  return existing([
    join(homedir(), ".local", "lib", library, "site-packages"),
    join(prefix, "lib", library, "site-packages"),
    join(prefix, "lib64", library, "site-packages"),
    join(prefix, "Lib", "site-packages"),
    ...(prefix === "/usr" ? [join("/usr/local/lib", library, "dist-packages"), join(prefix, debian)] : []),
  ]);
}

function libraryName(version: PythonEnvironment["version"], freeThreaded: boolean): string {
  return `python${version.join(".")}${freeThreaded ? "t" : ""}`;
}

/** Each folder once, whatever links lead to it (`lib64` is often a link to `lib`, and case may not matter). */
function existing(folders: readonly string[]): string[] {
  const seen = new Set<string>();
  return folders.filter((folder) => {
    try {
      const { dev, ino } = statSync(folder);
      const key = `${dev}:${ino}`;
      return !seen.has(key) && seen.add(key);
    } catch {
      return false;
    }
  });
}

function executableIn(folder: string): string | undefined {
  return [join(folder, "bin", "python"), join(folder, "Scripts", "python.exe")].find((path) =>
    existsSync(path),
  );
}

function readSettings(path: string): Map<string, string> | undefined {
  const lines = textOf(path).split(/\r?\n/);
  const pairs = lines
    .map((line) => /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line))
    .filter((match) => match !== null);
  return pairs.length > 0 ? new Map(pairs.map((match) => [match[1]!.toLowerCase(), match[2]!])) : undefined;
}
