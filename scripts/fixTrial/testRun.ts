// Runs the command of a test suite, with a time limit for it and all that it starts.
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { CappedOutput } from "../../server/src/bench/cappedOutput.ts";
import { endGroupNow, endTree, markVariable } from "../../server/src/bench/processTree.ts";

export interface TestRun {
  /** The end of what it wrote, both streams. */
  readonly output: string;
  /** Undefined when it was ended by a signal or by the limit. */
  readonly exitCode: number | undefined;
  readonly isOverdue: boolean;
  readonly durationMs: number;
}

export interface TestCommand {
  readonly python: string;
  readonly arguments: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** How long it may take, milliseconds. */
  readonly limitMs: number;
}

export async function runTests(command: TestCommand): Promise<TestRun> {
  const mark = randomUUID();
  const start = performance.now();
  const child = execa(command.python, command.arguments, {
    cwd: command.cwd,
    env: { ...withoutPythonSettings(process.env), ...command.env, [markVariable]: mark },
    extendEnv: false,
    stdin: "ignore",
    all: true,
    buffer: false,
    reject: false,
    detached: process.platform !== "win32",
    cleanup: false,
    windowsHide: true,
  });
  const output = new CappedOutput(child.all);
  const endWithUs = () => child.pid !== undefined && endGroupNow(child.pid);
  process.once("exit", endWithUs);
  try {
    const limit = new AbortController();
    const over = delay(command.limitMs, undefined, { signal: limit.signal }).catch(() => undefined);
    const result = await Promise.race([child, over]);
    limit.abort();
    if (child.pid !== undefined) await endTree(child.pid, mark, 0);
    return {
      output: output.text,
      exitCode: result?.exitCode,
      isOverdue: result === undefined,
      durationMs: performance.now() - start,
    };
  } finally {
    process.off("exit", endWithUs);
  }
}

/** What the user set for Python at large must not decide how the tests end. */
function withoutPythonSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("PYTHON")));
}
