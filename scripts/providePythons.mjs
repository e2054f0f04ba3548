// Makes sure that CPython 3.13 and its free-threaded twin 3.13t can be used by tests and the demo.
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { cacheRoot } from "./provide/cachePlaces.mjs";
import { buildPythons, builtPythons } from "./provide/cpythonBuild.mjs";
import { exclusively } from "./provide/exclusive.mjs";
import { say, step } from "./provide/progress.mjs";
import { alikePair, findPythons313 } from "./provide/pythonCandidates.mjs";

/**
 * Finds or makes the pair. In this order: what the machine has (or `THREADPROOF_PYTHON313` and
 * `THREADPROOF_PYTHON313T` name), what uv installs, what Debian's source package builds to.
 * @returns {Promise<{python313: string, python313t: string}>} absolute paths of two executables that were started
 * and asked what they are
 * @throws with one message that names every way that was tried
 */
export async function providePythons() {
  const root = cacheRoot();
  return (
    (await pairFound(root)) ??
    exclusively(root, async () => (await pairFound(root)) ?? (await pairMade(root)))
  );
}

async function pairFound(root) {
  const { THREADPROOF_PYTHON313, THREADPROOF_PYTHON313T } = process.env;
  const named = [THREADPROOF_PYTHON313, THREADPROOF_PYTHON313T].filter(Boolean);
  return alikePair(await findPythons313([...named, ...Object.values(builtPythons(root))]));
}

async function pairMade(root) {
  const attempts = [];
  const uv = await execa("uv", ["--version"], { reject: false });
  if (uv.exitCode === 0) {
    const install = ["python", "install", "3.13", "3.13t"];
    const result = await step("uv python install 3.13 3.13t", () =>
      execa("uv", install, { reject: false, all: true }),
    );
    const pair = await pairFound(root);
    if (pair) return pair;
    attempts.push(
      `uv python install: ${result.all?.trim().split("\n").at(-1) ?? "brought no matching pair"}`,
    );
  } else {
    attempts.push("uv: not installed");
  }
  try {
    await buildPythons(root);
    const pair = await pairFound(root);
    if (pair) return pair;
    attempts.push("built from source: the two builds do not make a pair");
  } catch (error) {
    attempts.push(`building from Debian's source: ${error.message}`);
  }
  throw new Error(
    `CPython 3.13 and 3.13t are needed and could not be provided.\n- ${attempts.join("\n- ")}\n` +
      "Install both (for example with `uv python install 3.13 3.13t`), or name them in THREADPROOF_PYTHON313 and THREADPROOF_PYTHON313T.",
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const pair = await providePythons();
    process.stdout.write(`${pair.python313}\n${pair.python313t}\n`);
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
