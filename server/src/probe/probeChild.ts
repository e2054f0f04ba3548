/** One import in one process, and how the process ended. Leaves no process behind. */
import { randomUUID } from "node:crypto";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { CappedOutput } from "../bench/cappedOutput.ts";
import { endGroupNow, endTree, markVariable } from "../bench/processTree.ts";
import { importWatch, type WatchEvent, watchEventSchema } from "./importWatch.ts";

export interface ChildRequest {
  readonly python: string;
  readonly module: string;
  readonly timeoutMs: number;
  readonly cwd?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ChildReport {
  readonly end: "exit" | "timeout" | "cancelled" | "not-started";
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly events: readonly WatchEvent[];
  /** The end of what it wrote to stderr. */
  readonly stderr: string;
  readonly durationMs: number;
}

/** What is kept of the reports, bytes: a module that floods the pipe only cuts its own story short. */
const reportCap = 1 << 20;

/** What processes that the import has started may take to end by themselves, milliseconds. */
const graceMs = 0;

export async function importInChild(request: ChildRequest): Promise<ChildReport> {
  const mark = randomUUID();
  const started = performance.now();
  // -I: neither environment variables such as PYTHON_GIL nor the current folder change what is measured.
  const child = execa(request.python, ["-I", "-B", "-v", "-c", importWatch, request.module], {
    ...(request.cwd === undefined ? {} : { cwd: request.cwd }),
    env: { [markVariable]: mark },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    buffer: false,
    reject: false,
    detached: process.platform !== "win32",
    cleanup: false,
    windowsHide: true,
  });
  child.catch(() => {});
  const output = [new CappedOutput(child.stdout), new CappedOutput(child.stderr)] as const;
  const reports = new HeadOfOutput(child.stdio[3] as Readable);
  const endWithUs = () => child.pid !== undefined && endGroupNow(child.pid);
  process.once("exit", endWithUs);
  try {
    const end = await firstOf(child, request);
    const durationMs = performance.now() - started;
    if (child.pid !== undefined) {
      await endTree(child.pid, mark, graceMs);
    }
    // Nobody is left to write, but a process that escaped might hold the pipes open for ever.
    const result = await Promise.race([child, delay(500, undefined, { ref: false })]);
    for (const stream of [child.stdout, child.stderr, child.stdio[3] as Readable]) {
      stream.destroy();
    }
    return {
      end: child.pid === undefined ? "not-started" : end,
      exitCode: child.exitCode ?? undefined,
      signal: child.signalCode ?? undefined,
      events: readEvents(reports.text),
      stderr: child.pid === undefined ? (result?.shortMessage ?? "") : output[1].text,
      durationMs,
    };
  } finally {
    process.off("exit", endWithUs);
  }
}

/** Waits for the process, not for its pipes: processes that it leaves behind may hold those. */
async function firstOf(
  child: { once(event: "exit" | "error", listener: () => void): unknown; pid?: number | undefined },
  { timeoutMs, signal }: ChildRequest,
): Promise<"exit" | "timeout" | "cancelled"> {
  if (child.pid === undefined) {
    return "exit";
  }
  let timer: NodeJS.Timeout | undefined;
  let abort: (() => void) | undefined;
  try {
    return await new Promise((resolve) => {
      child.once("exit", () => resolve("exit"));
      timer = setTimeout(() => resolve("timeout"), timeoutMs);
      abort = () => resolve("cancelled");
      signal?.addEventListener("abort", abort);
      if (signal?.aborted) {
        abort();
      }
    });
  } finally {
    clearTimeout(timer);
    if (abort) {
      signal?.removeEventListener("abort", abort);
    }
  }
}

/** Lines that are no reports are a module's own writing to the pipe. */
function readEvents(text: string): WatchEvent[] {
  return text.split("\n").flatMap((line) => {
    try {
      return [watchEventSchema.parse(JSON.parse(line))];
    } catch {
      return [];
    }
  });
}

class HeadOfOutput {
  private readonly chunks: Buffer[] = [];
  private kept = 0;

  constructor(stream: Readable) {
    stream.on("data", (chunk: Buffer) => {
      if (this.kept < reportCap) {
        this.kept += chunk.length;
        this.chunks.push(chunk);
      }
    });
    stream.on("error", () => {});
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString("utf8");
  }
}
