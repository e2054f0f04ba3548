/** Runs the user's program once under one interpreter and says how it ended. Leaves no process behind. */
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { CappedOutput } from "./cappedOutput.ts";
import { endGroupNow, endTree, markVariable } from "./processTree.ts";
import { runnerFileName } from "./runner/runnerSource.ts";
import { type RunReport, reportSchema } from "./runReport.ts";

export type Watch = "none" | "count" | "locks";

/** What `runner/workersSource.ts` reads. */
export interface FunctionCall {
  readonly file: string;
  /** Null: the loop over integers, `steps` long. */
  readonly name: string | null;
  readonly steps?: number;
  readonly arguments: string;
  readonly splits: string | null;
  readonly calls: number;
  readonly threads: number;
  readonly workers: "threads" | "processes" | "subinterpreters";
}

/** What `describe` in `runner/functionSource.ts` reads. */
export interface FunctionQuestion {
  readonly workers: "describe";
  readonly file: string;
  readonly name: string;
  readonly scaling: "auto" | "weak" | "strong";
  readonly targetNs: number;
}

export interface RunRequest {
  readonly python: string;
  /** Interpreter options before the program. */
  readonly options: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the user's program. */
  readonly file: string;
  /** CPU numbers to pin the program to; empty: no pinning. */
  readonly cpus: readonly number[];
  /** What to watch (`runner/watchSource.ts`); makes the time worthless. */
  readonly watch: Watch;
  /** Absent: the whole file. */
  readonly call?: FunctionCall | FunctionQuestion;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** Folder with the runner script, for the report too. */
  readonly workFolder: string;
}

export type RunOutcome = { readonly kind: "finished"; readonly report: RunReport } | Unfinished;

export type Unfinished =
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

/** A measured or watched run. */
export async function runProgram(request: RunRequest): Promise<RunOutcome> {
  const answer = await runRunner(request);
  if (answer.kind !== "answered") {
    return answer;
  }
  const { processMs, stderr, outputBytes, leftProcesses } = answer;
  const warnedModule = moduleInWarning(stderr);
  const parsed = reportSchema.parse(answer.json);
  return { kind: "finished", report: { ...parsed, processMs, warnedModule, outputBytes, leftProcesses } };
}

interface Answered {
  readonly kind: "answered";
  /** What the runner has written. */
  readonly json: unknown;
  readonly processMs: number;
  readonly stderr: string;
  readonly outputBytes: number;
  readonly leftProcesses: number;
}

/** Starts the runner, waits for its end, and ends whatever it has started. */
export async function runRunner(request: RunRequest): Promise<Answered | Unfinished> {
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
    const { text: stderr } = output[1];
    return { kind: "answered", json: JSON.parse(report), processMs, stderr, outputBytes, leftProcesses };
  } finally {
    process.off("exit", endWithUs);
    await rm(reportPath, { force: true });
  }
}

function runnerArguments({ workFolder, file, cpus, watch, call }: RunRequest, reportPath: string): string[] {
  const watched = watch === "none" ? "" : watch;
  const spec = call ? JSON.stringify(call) : "";
  return [join(workFolder, runnerFileName), reportPath, file, cpus.join(","), watched, spec];
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
