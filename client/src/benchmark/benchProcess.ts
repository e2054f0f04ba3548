/** Runs `threadproof bench` as a child, so that the editor measures exactly as the command line does. Knows no editor. */
import { createInterface } from "node:readline";
import { execa } from "execa";
import type { BenchEvent, Done } from "../../../server/src/bench/progress.ts";
import type { BenchResult } from "../../../server/src/bench/result.ts";

export interface BenchSettings {
  readonly file: string;
  readonly interpreters: readonly string[];
  /** What the editor has selected. */
  readonly hints: readonly string[];
  readonly threads: readonly number[];
  readonly budgetSeconds: number | undefined;
}

export interface BenchCall {
  /** `cli.js` of this extension. */
  readonly cli: string;
  /** Node, or an Electron that acts as Node. */
  readonly node: string;
  readonly settings: BenchSettings;
  readonly signal: AbortSignal;
  readonly onEvent: (event: BenchEvent) => void;
}

export type BenchEnd =
  | { readonly kind: "done"; readonly result: BenchResult; readonly done: Done }
  | { readonly kind: "cancelled" }
  | { readonly kind: "failed"; readonly message: string };

/** After being asked to stop, the command ends its children first; it is killed only if that takes longer, milliseconds. */
const stopMs = 5000;

export function benchArguments({
  file,
  interpreters,
  hints,
  threads,
  budgetSeconds,
}: BenchSettings): string[] {
  return [
    "bench",
    "--format",
    "json",
    "--progress",
    "json",
    ...(threads.length > 0 ? ["--threads", threads.join(",")] : []),
    ...(budgetSeconds === undefined ? [] : ["--budget", String(budgetSeconds)]),
    ...interpreters.flatMap((path) => ["--python", path]),
    ...hints.flatMap((path) => ["--hint", path]),
    "--",
    file,
  ];
}

export async function runBench({ cli, node, settings, signal, onEvent }: BenchCall): Promise<BenchEnd> {
  const child = execa(node, [cli, ...benchArguments(settings)], {
    env: { ELECTRON_RUN_AS_NODE: "1" },
    stdin: "pipe",
    reject: false,
    windowsHide: true,
    buffer: { stdout: true, stderr: false },
  });
  let killer: NodeJS.Timeout | undefined;
  const stop = () => {
    // The command takes the end of its input as the request to stop: signals do not exist everywhere.
    child.stdin.end();
    killer = setTimeout(() => child.kill("SIGKILL"), stopMs);
  };
  signal.addEventListener("abort", stop, { once: true });
  let done: Done | undefined;
  let message: string | undefined;
  const stray: string[] = [];
  const lines = createInterface({ input: child.stderr });
  lines.on("line", (line) => {
    const event = readEvent(line);
    if (event === undefined) {
      stray.push(line);
      return;
    }
    if (event.event === "done") {
      done = event;
    } else if (event.event === "error") {
      message = event.message;
    }
    onEvent(event);
  });
  if (signal.aborted) {
    stop();
  }
  const ended = await child;
  clearTimeout(killer);
  signal.removeEventListener("abort", stop);
  if (signal.aborted) {
    return { kind: "cancelled" };
  }
  if (ended.exitCode === 0 && done) {
    return { kind: "done", result: JSON.parse(ended.stdout) as BenchResult, done };
  }
  return {
    kind: "failed",
    message: message ?? (stray.join("\n") || ended.shortMessage || "The benchmark failed."),
  };
}

function readEvent(line: string): BenchEvent | undefined {
  try {
    const event = JSON.parse(line) as BenchEvent;
    return typeof event?.event === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}
