/** Runs `threadproof bench` as a child, so that the editor measures exactly as the command line does. Knows no editor. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import type { BenchEvent, Done } from "../../../server/src/bench/progress.ts";
import type { InstallHelp } from "../../../server/src/bench/report/installHelp.ts";
import type { BenchResult } from "../../../server/src/bench/result.ts";
import type { ShownResult, Target } from "./messages.ts";

export interface BenchSettings extends Target {
  readonly interpreters: readonly string[];
  /** What the editor has selected. */
  readonly hints: readonly string[];
  readonly threads: readonly number[];
  readonly budgetSeconds: number | undefined;
  /** Path of an earlier result to compare with. */
  readonly compare: string | undefined;
}

/** How the command is started. */
export interface BenchTool {
  /** `cli.js` of this extension. */
  readonly cli: string;
  /** Node, or an Electron that acts as Node. */
  readonly node: string;
}

export interface BenchCall extends BenchTool {
  readonly settings: BenchSettings;
  readonly signal: AbortSignal;
  readonly onEvent: (event: BenchEvent) => void;
}

export type BenchEnd =
  | ({ readonly kind: "done" } & ShownResult)
  | { readonly kind: "cancelled" }
  | { readonly kind: "failed"; readonly message: string; readonly install?: InstallHelp };

/** After being asked to stop, the command ends its children first; it is killed only if that takes longer, milliseconds. */
const stopMs = 5000;

const asNode = { ELECTRON_RUN_AS_NODE: "1" };

export function benchArguments(settings: BenchSettings): string[] {
  const { file, interpreters, hints, threads, budgetSeconds, compare } = settings;
  return [
    "bench",
    "--format",
    "json",
    "--progress",
    "json",
    ...(settings.function === undefined ? [] : ["--function", settings.function]),
    ...(threads.length > 0 ? ["--threads", threads.join(",")] : []),
    ...(budgetSeconds === undefined ? [] : ["--budget", String(budgetSeconds)]),
    ...(compare === undefined ? [] : ["--compare", compare]),
    ...interpreters.flatMap((path) => ["--python", path]),
    ...hints.flatMap((path) => ["--hint", path]),
    "--",
    file,
  ];
}

export async function runBench({ cli, node, settings, signal, onEvent }: BenchCall): Promise<BenchEnd> {
  const child = execa(node, [cli, ...benchArguments(settings)], {
    env: asNode,
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
  let failed: { message: string; install?: InstallHelp } | undefined;
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
      failed = { message: event.message, ...(event.install && { install: event.install }) };
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
    return { kind: "done", result: JSON.parse(ended.stdout) as BenchResult, view: done.view };
  }
  const message = stray.join("\n") || ended.shortMessage || "The benchmark failed.";
  return { kind: "failed", ...(failed ?? { message }) };
}

/** What can be made of a result without measuring again. */
export interface SavedReport {
  readonly stdout: string;
  readonly view: Done["view"];
}

/**
 * Reports a result once more, in another format or compared with another one.
 * @param html path of a page to write as well
 * @throws Error with the command's message
 */
export async function reportSaved(
  { cli, node }: BenchTool,
  result: BenchResult,
  wishes: { readonly format?: string; readonly html?: string; readonly before?: BenchResult },
): Promise<SavedReport> {
  const folder = await mkdtemp(join(tmpdir(), "threadproof-result-"));
  try {
    const save = async (name: string, content: BenchResult) => {
      const path = join(folder, name);
      await writeFile(path, JSON.stringify(content));
      return path;
    };
    const words = ["bench", "--read", await save("result.json", result), "--progress", "json"];
    words.push("--format", wishes.format ?? "json");
    words.push(...(wishes.html === undefined ? [] : ["--html", wishes.html]));
    words.push(...(wishes.before ? ["--compare", await save("before.json", wishes.before)] : []));
    const ended = await execa(node, [cli, ...words], {
      env: asNode,
      reject: false,
      stripFinalNewline: false,
      windowsHide: true,
    });
    const events = ended.stderr.split("\n").map(readEvent);
    const done = events.find((event) => event?.event === "done");
    if (ended.exitCode !== 0 || !done) {
      throw new Error(ended.stderr || ended.shortMessage || "The result could not be reported.");
    }
    return { stdout: ended.stdout, view: done.view };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function readEvent(line: string): BenchEvent | undefined {
  try {
    const event = JSON.parse(line) as BenchEvent;
    return typeof event?.event === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}
