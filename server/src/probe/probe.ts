/** Asks a free-threaded interpreter: imports each module alone in a process of its own and looks at the GIL. */

import { availableParallelism } from "node:os";
import type { WatchEvent } from "./importWatch.ts";
import { type ChildReport, importInChild } from "./probeChild.ts";

export type ProbeOutcome =
  | "keeps-gil-off"
  | "enables-gil"
  | "import-error"
  | "crash"
  | "timeout"
  | "no-free-threaded-interpreter";

/** An extension module that switched the GIL on while the probed module was imported. */
export interface ProbeCulprit {
  /** The full name of the extension module. */
  module: string;
  /** Who imported whom, from the probed module to the culprit, both included. */
  chain: string[];
  /** The file it was loaded from. */
  file?: string;
}

export interface ProbeResult {
  /** The module that was imported, as asked for. */
  module: string;
  outcome: ProbeOutcome;
  /** Whether the GIL was on before and after the import; absent when the process did not live to tell. */
  gilBefore?: boolean;
  gilAfter?: boolean;
  /** All extension modules that need the GIL, in the order of loading. Also filled when the import failed later. */
  culprits: ProbeCulprit[];
  /** One sentence for people. */
  detail: string;
  durationMs: number;
}

export interface ProbeOptions {
  /** The interpreter's executable. */
  python: string;
  /** Dotted names; each is imported in a process of its own. */
  modules: string[];
  /** Per module. */
  timeoutMs: number;
  /** Where the processes run; the folder is not put on `sys.path`. */
  cwd?: string;
  /** Stops the running processes; modules not finished by then have no result. */
  signal?: AbortSignal;
  /** Called with each result as soon as it is known. */
  onResult?: (result: ProbeResult) => void;
}

/**
 * Runs code of the imported packages: call it only when the user asks, in a trusted workspace. One result per module in
 * the order given. Never throws for what a module does; an interpreter that cannot be started or has no free-threaded
 * build gives `no-free-threaded-interpreter` for every module.
 */
export async function probeImports(options: ProbeOptions): Promise<ProbeResult[]> {
  const results = new Map<number, ProbeResult>();
  let next = 0;
  /** Once an interpreter has turned out to be the wrong one, no other process is started for it. */
  let wrong: ProbeResult | undefined;
  const work = async () => {
    while (next < options.modules.length && !options.signal?.aborted) {
      const index = next++;
      const module = options.modules[index]!;
      const result: ProbeResult | undefined = wrong
        ? { ...wrong, module, durationMs: 0 }
        : describe(module, options, await importInChild({ ...options, module }));
      if (result) {
        wrong ??= result.outcome === "no-free-threaded-interpreter" ? result : undefined;
        results.set(index, result);
        options.onResult?.(result);
      }
    }
  };
  // Imports are bound by one core each; one stays free for the editor.
  const workers = Math.max(1, Math.min(4, availableParallelism() - 1));
  await Promise.all(Array.from({ length: workers }, work));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}

/** @returns undefined when the probe was stopped before the module could tell */
function describe(module: string, options: ProbeOptions, report: ChildReport): ProbeResult | undefined {
  if (report.end === "cancelled") {
    return undefined;
  }
  const start = report.events.find((event) => event.event === "start");
  const end = report.events.find((event) => event.event === "end");
  const culprits = report.events.flatMap((event) =>
    event.event === "culprit" ? [culpritOf(module, event)] : [],
  );
  const result = (outcome: ProbeOutcome, detail: string): ProbeResult => ({
    module,
    outcome,
    ...(start ? { gilBefore: start.gil } : {}),
    ...(end ? { gilAfter: end.gil } : {}),
    culprits,
    detail,
    durationMs: report.durationMs,
  });
  if (start ? !start.freeThreaded : report.end !== "timeout") {
    return result("no-free-threaded-interpreter", whyNoInterpreter(options.python, report));
  }
  if (report.end === "timeout") {
    return result(
      "timeout",
      `Importing ${module} did not end within ${options.timeoutMs / 1000} s${during(report)}.`,
    );
  }
  if (!end) {
    const how = report.signal ? `was ended by ${report.signal}` : `ended with exit code ${report.exitCode}`;
    return result("crash", `The process ${how} while importing ${module}${during(report)}.`);
  }
  if (end.error !== null) {
    return result("import-error", `Importing ${module} fails: ${end.error.slice(0, 1000)}`);
  }
  if (culprits.length > 0) {
    const names = culprits.map((culprit) => culprit.module).join(", ");
    return result("enables-gil", `Importing ${module} switches the GIL on, to load ${names}.`);
  }
  if (start?.gil) {
    return result(
      "keeps-gil-off",
      `The GIL was on before ${module} was imported; nothing in it asks for the GIL.`,
    );
  }
  return end.gil
    ? result(
        "enables-gil",
        `The GIL is on after importing ${module}; which extension module needs it is not known.`,
      )
    : result("keeps-gil-off", `The GIL stays off when ${module} is imported.`);
}

function culpritOf(module: string, event: Extract<WatchEvent, { event: "culprit" }>): ProbeCulprit {
  // Importing `a.b` imports `a` first, which is not “from” `a.b`, but is why it happens.
  const chain = event.chain[0] === module ? event.chain : [module, ...event.chain];
  return { module: event.module, chain, ...(event.file === null ? {} : { file: event.file }) };
}

/** The extension module that was loaded last, where it is likely to have happened. */
function during(report: ChildReport): string {
  const last = report.events.findLast((event) => event.event === "loading");
  return last ? `; the last extension module it loaded was ${last.module}` : "";
}

function whyNoInterpreter(python: string, report: ChildReport): string {
  if (report.events.length > 0) {
    return `${python} is not a free-threaded build of CPython.`;
  }
  const last = report.stderr
    .trimEnd()
    .split("\n")
    .findLast((line) => line !== "" && !/^(?:# |import )/.test(line));
  return `${python} could not be asked${last ? `: ${last.slice(0, 500)}` : "."}`;
}
