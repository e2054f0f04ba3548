/** Where interpreters are usually found, per system. Pure: says where to look, looks at nothing. */
import { posix, win32 } from "node:path";

/** One place to look: a folder and glob patterns below it, `*` for one path segment. */
export interface Place {
  readonly source: string;
  readonly root: string;
  readonly patterns: readonly string[];
}

export interface MachineView {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

/** Candidate names; what they are is asked, the name only keeps `python3-config` and `pythonw` from being started. */
const executableName = /^(python(\d+(\.\d+)?)?t?d?|pypy(\d+(\.\d+)?)?)(\.exe)?$/i;

export function looksLikePython(fileName: string): boolean {
  return executableName.test(fileName);
}

/** In order of preference; places that do not exist are harmless. */
export function usualPlaces(machine: MachineView): Place[] {
  const { platform, env, home } = machine;
  const path = platform === "win32" ? win32 : posix;
  const bin = platform === "win32" ? "python*.exe" : "bin/python*";
  const place = (source: string, root: string | undefined, ...patterns: string[]): Place[] =>
    root ? [{ source, root, patterns }] : [];
  const onPath = (env.PATH ?? env.Path ?? "")
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder));
  const pyenvRoot = env.PYENV_ROOT || path.join(home, ".pyenv");
  const dataHome = env.XDG_DATA_HOME || path.join(home, ".local", "share");
  return [
    ...place("Threadproof's cache", path.join(cacheHome(machine), "threadproof", "python"), `*/${bin}`),
    // pyenv's shims are slow scripts around the interpreters that are listed below.
    ...onPath
      .filter((folder) => folder !== path.join(pyenvRoot, "shims"))
      .flatMap((folder) => place("PATH", folder, "python*", "pypy3*")),
    ...place("uv", env.UV_PYTHON_INSTALL_DIR, `*/${bin}`),
    ...place("uv", path.join(dataHome, "uv", "python"), `*/${bin}`),
    ...place("pyenv", pyenvRoot, `versions/*/${bin}`),
    ...place("conda", env.CONDA_PREFIX, bin),
    ...["miniconda3", "miniforge3", "anaconda3", "mambaforge"].flatMap((name) =>
      place("conda", path.join(home, name), bin, `envs/*/${bin}`),
    ),
    ...place("tool cache", env.RUNNER_TOOL_CACHE, `Python/*/*/${bin}`),
    ...(platform === "win32" ? windowsPlaces(env, home) : []),
    ...(platform === "darwin" ? macPlaces() : []),
    ...(platform === "linux" ? place("conda", "/opt/conda", bin, `envs/*/${bin}`) : []),
  ];
}

function macPlaces(): Place[] {
  return [
    {
      source: "python.org",
      root: "/Library/Frameworks",
      patterns: ["Python.framework/Versions/*/bin/python3*", "PythonT.framework/Versions/*/bin/python3*"],
    },
    ...["/opt/homebrew", "/usr/local"].map((root) => ({
      source: "Homebrew",
      root,
      patterns: ["bin/python3*", "opt/python*/bin/python3*"],
    })),
  ];
}

function windowsPlaces(env: MachineView["env"], home: string): Place[] {
  const roots: [string, string | undefined, string][] = [
    [
      "python.org",
      env.LOCALAPPDATA && win32.join(env.LOCALAPPDATA, "Programs", "Python"),
      "Python3*/python*.exe",
    ],
    ["python.org", env.ProgramFiles, "Python3*/python*.exe"],
    ["uv", env.APPDATA && win32.join(env.APPDATA, "uv", "python"), "*/python*.exe"],
    ["uv", env.APPDATA && win32.join(env.APPDATA, "uv", "data", "python"), "*/python*.exe"],
    ["pyenv", win32.join(home, ".pyenv", "pyenv-win"), "versions/*/python*.exe"],
  ];
  return roots.flatMap(([source, root, pattern]) => (root ? [{ source, root, patterns: [pattern] }] : []));
}

/** The same folder as the scripts that build interpreters use. */
export function cacheHome({ platform, env, home }: MachineView): string {
  const path = platform === "win32" ? win32 : posix;
  if (env.THREADPROOF_CACHE) {
    return env.THREADPROOF_CACHE;
  }
  if (platform === "win32") {
    return env.LOCALAPPDATA ?? path.join(home, "AppData", "Local");
  }
  if (platform === "darwin") {
    return path.join(home, "Library", "Caches");
  }
  return env.XDG_CACHE_HOME || path.join(home, ".cache");
}

/** Paths in the output of the Windows launcher, `py -0p`: ` -V:3.13t *   C:\…\python3.13t.exe`. */
export function readLauncherList(output: string): string[] {
  return output
    .split(/\r?\n/)
    .map((line) => /^\s*-\S+\s+(?:\*\s+)?(.+?\.exe)\s*$/i.exec(line)?.[1])
    .filter((path) => path !== undefined);
}
