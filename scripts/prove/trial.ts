// One run of a demonstration in a process of its own, and what was seen in it.
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { z } from "zod";
import { CappedOutput } from "../../server/src/bench/cappedOutput.ts";
import { endGroupNow, endTree, markVariable } from "../../server/src/bench/processTree.ts";

/** What a demonstration and its runner print, one JSON object a line. */
const lineSchema = z.object({
  /** Updates, elements or calls that should be there and are not. */
  lost: z.number().int().nonnegative().optional(),
  /** Answers that no order of the threads' steps explains. */
  wrong: z.number().int().nonnegative().optional(),
  /** Of how many. */
  of: z.number().int().positive().optional(),
  raised: z.string().optional(),
  deadlock: z.boolean().optional(),
  ended: z.boolean().optional(),
});

export interface Trial {
  /** What went wrong, empty when nothing did. */
  readonly seen: readonly Failure[];
  /** What the program said, for comparing twins. */
  readonly said: string;
}

export type Failure =
  | { readonly kind: "lost" | "wrong"; readonly count: number; readonly of: number | undefined }
  | { readonly kind: "raised"; readonly name: string }
  | { readonly kind: "deadlock" | "endless" }
  | { readonly kind: "crash"; readonly signal: string };

/** The time limit of one run, milliseconds; a demonstration needs a second or two. */
export const trialLimitMs = 15_000;

/**
 * @param runner path of runner.py
 * @param threads how many threads the program starts
 * @throws when the program says nothing that can be understood: then it is the demonstration that is broken
 */
export async function runTrial(
  python: string,
  runner: string,
  program: string,
  threads: number,
): Promise<Trial> {
  const mark = randomUUID();
  const child = execa(python, ["-B", runner, program], {
    env: { ...withoutPythonSettings(process.env), THREADS: String(threads), [markVariable]: mark },
    extendEnv: false,
    stdin: "ignore",
    buffer: false,
    reject: false,
    detached: process.platform !== "win32",
    cleanup: false,
    windowsHide: true,
  });
  const stdout = new CappedOutput(child.stdout);
  const stderr = new CappedOutput(child.stderr);
  const endWithUs = () => child.pid !== undefined && endGroupNow(child.pid);
  process.once("exit", endWithUs);
  try {
    const limit = new AbortController();
    const result = await Promise.race([
      child,
      delay(trialLimitMs, undefined, { signal: limit.signal }).catch(() => undefined),
    ]);
    limit.abort();
    if (child.pid !== undefined) await endTree(child.pid, mark, 0);
    if (result === undefined) return { seen: [{ kind: "endless" }], said: "" };
    if (result.signal) return { seen: [{ kind: "crash", signal: result.signal }], said: "" };
    return understand(stdout.text, stderr.text, program);
  } finally {
    process.off("exit", endWithUs);
  }
}

function understand(stdout: string, stderr: string, program: string): Trial {
  const seen: Failure[] = [];
  const said: string[] = [];
  let complete = false;
  for (const line of stdout.split("\n").filter((text) => text.startsWith("{"))) {
    const { lost = 0, wrong = 0, of, raised, deadlock, ended } = lineSchema.parse(JSON.parse(line));
    if (lost > 0) seen.push({ kind: "lost", count: lost, of });
    if (wrong > 0) seen.push({ kind: "wrong", count: wrong, of });
    if (raised !== undefined) seen.push({ kind: "raised", name: raised });
    if (deadlock) seen.push({ kind: "deadlock" });
    complete ||= ended === true || deadlock === true;
    if (!ended && !deadlock) said.push(line);
  }
  if (!complete || (said.length === 0 && seen.length === 0)) {
    throw new Error(`${program} said nothing that can be understood:\n${stdout}\n${stderr}`);
  }
  return { seen, said: said.join("\n") };
}

/** What the user set for Python at large (PYTHON_GIL, PYTHONPATH, …) must not decide what a proof shows. */
function withoutPythonSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("PYTHON")));
}
