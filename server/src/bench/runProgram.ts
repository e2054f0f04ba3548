/** Runs the user's program once under one interpreter and says how it ended. Leaves no process behind. */
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { z } from "zod";
import { CappedOutput } from "./cappedOutput.ts";
import { endGroupNow, endTree, markVariable } from "./processTree.ts";
import { runnerFileName } from "./runnerSource.ts";

const reportSchema = z.object({
  gilAtStart: z.boolean(),
  gilAtEnd: z.boolean(),
  wallNs: z.number(),
  cpuNs: z.number(),
  childCpuNs: z.number().default(0),
  peakBytes: z.number(),
  threadsStarted: z.number().nullable(),
  processesStarted: z.number().nullable(),
  culprit: z.string().nullable(),
});

export interface RunRequest {
  readonly python: string;
  /** Interpreter options before the program. */
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the user's program. */
  readonly file: string;
  readonly threads: number;
  /** CPU numbers to pin the program to; empty: no pinning. */
  readonly cpus: readonly number[];
  /** Count threads and watch imports; makes the time worthless. */
  readonly observe: boolean;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Folder with the runner script, for the report too. */
  readonly workFolder: string;
}

export type RunReport = z.infer<typeof reportSchema> & {
  /** From spawning to exit, milliseconds: the interpreter's start and end included. */
  readonly processMs: number;
  /** The extension module that CPython's warning names as the one that switched the GIL on. */
  readonly warnedModule: string | undefined;
  readonly outputBytes: number;
  readonly leftProcesses: number;
};

export type RunOutcome =
  | { readonly kind: "finished"; readonly report: RunReport }
  | {
      readonly kind: "failed";
      readonly exitCode: number | null;
      readonly signal: NodeJS.Signals | null;
      readonly stderr: string;
    }
  | { readonly kind: "timeout" }
  | { readonly kind: "cancelled" };

/** What ending by itself may take after the program is over, and what SIGTERM gives it to clean up, milliseconds. */
const graceMs = { ended: 1000, terminated: 300 };

export async function runProgram(request: RunRequest): Promise<RunOutcome> {
  const { signal, workFolder } = request;
  if (signal?.aborted) {
    return { kind: "cancelled" };
  }
  const mark = randomUUID();
  const reportPath = join(workFolder, `${mark}.json`);
  const started = performance.now();
  const child = execa(request.python, [...request.options, ...runnerArguments(request, reportPath)], {
    cwd: dirname(request.file),
    env: { ...request.env, [markVariable]: mark },
    extendEnv: false,
    stdin: "ignore",
    buffer: false,
    reject: false,
    // A process group of its own, so that all of it can be ended; our own end is handled below.
    detached: process.platform !== "win32",
    cleanup: false,
    windowsHide: true,
  });
  child.catch(() => {});
  const output = [new CappedOutput(child.stdout), new CappedOutput(child.stderr)] as const;
  const endWithUs = () => child.pid !== undefined && endGroupNow(child.pid);
  process.once("exit", endWithUs);
  try {
    const ended = await waitForEnd(child, request.timeoutMs, signal);
    const processMs = performance.now() - started;
    const grace = ended.kind === "exit" ? graceMs.ended : graceMs.terminated;
    const leftProcesses = child.pid === undefined ? 0 : await endTree(child.pid, mark, grace);
    // Nobody is left to write, but a process that escaped might hold the pipes open for ever.
    await Promise.race([child, delay(500, undefined, { ref: false })]);
    child.stdout.destroy();
    child.stderr.destroy();
    if (ended.kind !== "exit") {
      return ended;
    }
    const report = await readFile(reportPath, "utf8").catch(() => undefined);
    if (ended.exitCode !== 0 || report === undefined) {
      const stderr = ended.message ?? output[1].text;
      return { kind: "failed", exitCode: ended.exitCode, signal: ended.signal, stderr };
    }
    const outputBytes = output[0].total + output[1].total;
    const warnedModule = moduleInWarning(output[1].text);
    const parsed = reportSchema.parse(JSON.parse(report));
    return { kind: "finished", report: { ...parsed, processMs, warnedModule, outputBytes, leftProcesses } };
  } finally {
    process.off("exit", endWithUs);
    await rm(reportPath, { force: true });
  }
}

function runnerArguments({ workFolder, file, cpus, observe }: RunRequest, reportPath: string): string[] {
  return [join(workFolder, runnerFileName), reportPath, file, cpus.join(","), observe ? "observe" : ""];
}

type Ended =
  | { kind: "exit"; exitCode: number | null; signal: NodeJS.Signals | null; message?: string }
  | { kind: "timeout" }
  | { kind: "cancelled" };

/** Waits for the leader alone: what it started may hold its pipes open much longer. Asks politely on time-out. */
function waitForEnd(child: ChildProcess, timeoutMs: number, abort: AbortSignal | undefined): Promise<Ended> {
  return new Promise((resolve) => {
    const finish = (ended: Ended) => {
      clearTimeout(timer);
      abort?.removeEventListener("abort", cancel);
      resolve(ended);
    };
    const terminate = (ended: Ended) => {
      if (child.pid !== undefined && process.platform !== "win32") {
        try {
          process.kill(-child.pid, "SIGTERM");
        } catch {
          // It has just ended.
        }
      }
      finish(ended);
    };
    const cancel = () => terminate({ kind: "cancelled" });
    const timer = setTimeout(() => terminate({ kind: "timeout" }), timeoutMs);
    abort?.addEventListener("abort", cancel, { once: true });
    child.once("exit", (exitCode, signal) => finish({ kind: "exit", exitCode, signal }));
    child.once("error", (error) =>
      finish({ kind: "exit", exitCode: null, signal: null, message: error.message }),
    );
  });
}

/** CPython 3.13+: "The global interpreter lock (GIL) has been enabled to load module 'x', which has not declared …". */
function moduleInWarning(stderr: string): string | undefined {
  return /\(GIL\) has been enabled to load module '([^']+)'/.exec(stderr)?.[1];
}
