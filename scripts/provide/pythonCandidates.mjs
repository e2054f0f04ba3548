// Looks for interpreters that are already on this machine and asks each one what it is.
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { convertPathToPattern, globby } from "globby";

const question = `
import json, sys, sysconfig
var = sysconfig.get_config_var
print(json.dumps({
    "version": list(sys.version_info[:3]),
    "release": sys.version_info[3],
    "freeThreaded": bool(var("Py_GIL_DISABLED")),
    "debug": hasattr(sys, "gettotalrefcount"),
    "implementation": sys.implementation.name,
    "optimised": "--enable-optimizations" in (var("CONFIG_ARGS") or ""),
    "executable": sys.executable,
}))`;

/**
 * @typedef {object} Interpreter
 * @property {string} executable what the interpreter calls itself, absolute
 * @property {number[]} version major, minor, micro
 * @property {string} release "final" or a pre-release word
 * @property {boolean} freeThreaded built with --disable-gil
 * @property {boolean} debug a Py_DEBUG build, useless for measuring
 * @property {string} implementation
 * @property {boolean} optimised built with profile-guided optimisation
 */

/**
 * Starts one executable and asks what it is. Its name is never believed.
 * @param {string} executable
 * @returns {Promise<Interpreter | undefined>} undefined when it does not run or is no Python 3
 */
export async function probe(executable) {
  const result = await execa(executable, ["-I", "-c", question], {
    reject: false,
    timeout: 20_000,
    stdin: "ignore",
  });
  if (result.exitCode !== 0) return undefined;
  try {
    return JSON.parse(result.stdout);
  } catch {
    return undefined;
  }
}

/**
 * @param {readonly string[]} extra executables to look at first
 * @returns {Promise<Interpreter[]>} every CPython 3.13 found that is no debug build, each once, in order of preference
 */
export async function findPythons313(extra) {
  const found = new Map();
  for (const executable of new Set([...extra, ...(await candidates())])) {
    const answer = await probe(executable);
    if (answer?.implementation !== "cpython" || answer.debug) continue;
    if (answer.version[0] !== 3 || answer.version[1] !== 13) continue;
    if (!found.has(answer.executable)) found.set(answer.executable, answer);
  }
  return [...found.values()];
}

/**
 * Picks a build with the GIL and its free-threaded twin. A plain build of 3.13.1 beside an optimised 3.13.5t would
 * measure the builds, so only equal versions built alike make a pair.
 * @param {readonly Interpreter[]} found in order of preference
 * @returns {{python313: string, python313t: string} | undefined} their executables
 */
export function alikePair(found) {
  for (const left of found.filter((python) => !python.freeThreaded)) {
    const alike = (python) =>
      python.freeThreaded &&
      python.version.join() === left.version.join() &&
      python.release === left.release &&
      python.optimised === left.optimised;
    const right = found.find(alike);
    if (right) return { python313: left.executable, python313t: right.executable };
  }
  return undefined;
}

async function candidates() {
  const home = homedir();
  const {
    LOCALAPPDATA = "",
    PYENV_ROOT = join(home, ".pyenv"),
    ProgramFiles = "",
    RUNNER_TOOL_CACHE,
  } = process.env;
  const folders = (await uvFolders()).map((folder) => convertPathToPattern(folder));
  const patterns = [];
  if (process.platform === "win32") {
    const names = "python3.13{,t}.exe";
    const python313 = [`${LOCALAPPDATA}/Programs/Python`, ProgramFiles].map((folder) =>
      convertPathToPattern(folder),
    );
    patterns.push(...python313.map((folder) => `${folder}/Python313*/${names}`));
    patterns.push(...folders.map((folder) => `${folder}/cpython-3.13*/python.exe`));
    if (RUNNER_TOOL_CACHE)
      patterns.push(`${convertPathToPattern(RUNNER_TOOL_CACHE)}/Python/3.13*/*/${names}`);
  } else {
    patterns.push(...folders.map((folder) => `${folder}/cpython-3.13*/bin/python3.13{,t}`));
    patterns.push(`${convertPathToPattern(PYENV_ROOT)}/versions/3.13*/bin/python3.13{,t}`);
    patterns.push("/Library/Frameworks/Python{,T}.framework/Versions/3.13/bin/python3.13{,t}");
    patterns.push("/{opt/homebrew,usr/local}/opt/python{-freethreading,}@3.13/bin/python3.13{,t}");
    if (RUNNER_TOOL_CACHE)
      patterns.push(`${convertPathToPattern(RUNNER_TOOL_CACHE)}/Python/3.13*/*/bin/python3.13{,t}`);
  }
  const installed = await globby(patterns, {
    onlyFiles: false,
    suppressErrors: true,
    expandDirectories: false,
  });
  return [...onPath(), ...installed];
}

function onPath() {
  const names = ["python3.13t", "python3.13", "python3", "python"];
  const suffix = process.platform === "win32" ? ".exe" : "";
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const files = folders.flatMap((folder) => names.map((name) => join(folder, name + suffix)));
  return files.filter((file) => existsSync(file));
}

async function uvFolders() {
  const { exitCode, stdout } = await execa("uv", ["python", "dir"], { reject: false, timeout: 20_000 });
  return exitCode === 0 && stdout ? [stdout.trim()] : [];
}
