/** Finds interpreters: lists candidates, asks each one once, remembers the answers as long as the file is the same. */
import { realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { execa } from "execa";
import { globby } from "globby";
import { askInterpreter, type Reply } from "./ask.ts";
import { explicitSource, hintSource, type Interpreter } from "./interpreter.ts";
import { looksLikePython, type MachineView, readLauncherList, usualPlaces } from "./places.ts";

export interface Skipped {
  readonly path: string;
  readonly source: string;
  /** Continues a sentence: "does not exist", "did not answer within 10 s". */
  readonly reason: string;
}

export interface Discovery {
  /** In order of preference, each once. */
  readonly interpreters: readonly Interpreter[];
  /** Candidates that are no usable interpreter, with the reason. */
  readonly skipped: readonly Skipped[];
}

export interface Wishes {
  /** Interpreters the user named; a name without a folder is looked up on PATH. */
  readonly explicit?: readonly string[];
  /** What the editor has selected: preferred to what is found, never required. */
  readonly hints?: readonly string[];
  readonly signal?: AbortSignal;
}

interface Candidate {
  readonly path: string;
  readonly source: string;
}

const concurrentQuestions = 4;

export class InterpreterCatalogue {
  private readonly replies = new Map<string, Promise<Reply>>();

  constructor(
    private readonly machine: MachineView = { platform: process.platform, env: process.env, home: homedir() },
    private readonly ask: typeof askInterpreter = askInterpreter,
  ) {}

  /** Looks everywhere. Broken, hanging and foreign candidates end up in `skipped`. */
  async find(wishes: Wishes = {}): Promise<Discovery> {
    const candidates = await this.candidates(wishes);
    const interpreters = new Map<string, Interpreter>();
    const skipped: Skipped[] = [];
    const replies = new Map<Candidate, Reply>();
    const waiting = [...candidates];
    const worker = async () => {
      for (let next = waiting.shift(); next && !wishes.signal?.aborted; next = waiting.shift()) {
        replies.set(next, await this.reply(next));
      }
    };
    await Promise.all(Array.from({ length: concurrentQuestions }, worker));
    for (const candidate of candidates) {
      const reply = replies.get(candidate);
      if (reply === undefined) {
        continue;
      }
      if ("reason" in reply) {
        skipped.push({ ...candidate, reason: reply.reason });
      } else {
        // A virtual environment shares the executable with its base and differs in what it can import.
        const key = `${reply.interpreter.realpath}\0${reply.interpreter.prefix}`;
        if (!interpreters.has(key)) {
          interpreters.set(key, { ...reply.interpreter, source: candidate.source });
        }
      }
    }
    return { interpreters: [...interpreters.values()], skipped };
  }

  private async reply(candidate: Candidate): Promise<Reply> {
    try {
      const { mtimeMs, size } = await stat(candidate.path);
      const key = `${candidate.path}\0${mtimeMs}\0${size}`;
      const known = this.replies.get(key) ?? this.ask(candidate.path, candidate.source);
      this.replies.set(key, known);
      return await known;
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      return { reason: missing ? "does not exist" : String((error as Error).message) };
    }
  }

  private async candidates({ explicit = [], hints = [] }: Wishes): Promise<Candidate[]> {
    const found: Candidate[] = [];
    for (const name of explicit) {
      found.push({ path: await this.locate(name), source: explicitSource });
    }
    found.push(...hints.map((path) => ({ path, source: hintSource })));
    for (const name of ["THREADPROOF_PYTHON313", "THREADPROOF_PYTHON313T"]) {
      const path = this.machine.env[name];
      if (path) {
        found.push({ path, source: name });
      }
    }
    for (const { source, root, patterns } of usualPlaces(this.machine)) {
      const paths = await globby([...patterns], {
        cwd: root,
        absolute: true,
        expandDirectories: false,
        suppressErrors: true,
      });
      // Sorted, since the order decides which of two alike interpreters is taken.
      const usable = paths.filter((path) => looksLikePython(basename(path))).sort();
      found.push(...usable.map((path) => ({ path, source })));
    }
    found.push(...(await this.launcherCandidates()));
    return withoutRepeats(found);
  }

  private async launcherCandidates(): Promise<Candidate[]> {
    if (this.machine.platform !== "win32") {
      return [];
    }
    const { stdout } = await execa("py", ["-0p"], { reject: false, timeout: 10_000, windowsHide: true });
    return readLauncherList(stdout ?? "").map((path) => ({ path, source: "py launcher" }));
  }

  /** The file behind a name: itself when it has a folder, else the first of that name on PATH. */
  async locate(name: string): Promise<string> {
    if (/[\\/]/.test(name)) {
      return name;
    }
    const { env, platform } = this.machine;
    const folders = (env.PATH ?? env.Path ?? "").split(platform === "win32" ? ";" : ":").filter(Boolean);
    for (const folder of folders) {
      for (const suffix of platform === "win32" ? ["", ".exe"] : [""]) {
        const path = join(folder, name + suffix);
        if (
          await stat(path)
            .then((found) => found.isFile())
            .catch(() => false)
        ) {
          return path;
        }
      }
    }
    return name;
  }
}

/** `python`, `python3` and `python3.13` of one folder are mostly links to one file: it is asked once. */
async function withoutRepeats(candidates: readonly Candidate[]): Promise<Candidate[]> {
  const kept = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const real = await realpath(candidate.path).catch(() => candidate.path);
    const venv = await stat(join(dirname(dirname(candidate.path)), "pyvenv.cfg")).catch(() => undefined);
    const key = venv ? `${real}\0${dirname(candidate.path)}` : real;
    if (!kept.has(key)) {
      kept.set(key, candidate);
    }
  }
  return [...kept.values()];
}
