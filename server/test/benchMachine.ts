/** The real interpreters and programs that the benchmark's tests use. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { onTestFinished } from "vitest";
import { type BenchRequest, benchmark } from "../src/bench/benchmark.ts";
import type { BenchResult } from "../src/bench/result.ts";
import { InterpreterCatalogue } from "../src/environment/discover.ts";
import { choosePairs, type Pair } from "../src/environment/pairs.ts";

/** Shared, so that each interpreter is asked once. */
const catalogue = new InterpreterCatalogue();

export const programs = join(import.meta.dirname, "../../fixtures/bench");

/** CPython 3.13 and 3.13t of this machine. */
export async function pair313(): Promise<Pair> {
  const { interpreters } = await catalogue.find();
  const pair = choosePairs(interpreters).find(({ version }) => version === "3.13");
  if (!pair) {
    throw new Error("These tests need CPython 3.13 and 3.13t: node scripts/providePythons.mjs");
  }
  return pair;
}

/** A folder that is gone after the test. */
export async function scratch(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "bench-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Compiles a C source into a module for both builds. */
export async function compileModule(
  source: string,
  name: string,
  folder: string,
  flags: readonly string[] = [],
): Promise<void> {
  const { withGil, freeThreaded } = await pair313();
  for (const { executable } of [withGil, freeThreaded]) {
    const question = "import sysconfig as s; print(s.get_path('include'), s.get_config_var('EXT_SUFFIX'))";
    const { stdout } = await execa(executable, ["-c", question]);
    const [include = "", suffix = ""] = stdout.split(" ");
    const output = join(folder, `${name}${suffix}`);
    await execa("cc", ["-shared", "-fPIC", "-O2", `-I${include}`, ...flags, "-o", output, source, "-lm"]);
  }
}

export interface Marked {
  /** For the environment of a run. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Processes that still carry the mark, found without the help of the code under test. */
  living(): Promise<string[]>;
}

/** Tells the processes of one test from all others, wherever they have gone. */
export function marked(extra: Readonly<Record<string, string>> = {}): Marked {
  const entry = `BENCH_TEST_MARK=${process.pid}-${performance.now()}`;
  const [name = "", value] = entry.split("=");
  return {
    env: { ...process.env, ...extra, [name]: value },
    async living() {
      const pids = (await readdir("/proc")).filter((file) => /^\d+$/.test(file));
      const environments = await Promise.all(
        pids.map((pid) => readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")),
      );
      return pids.filter((_, index) => environments[index]?.split("\0").includes(entry));
    },
  };
}

export async function bench(program: string, wishes: Partial<BenchRequest> = {}): Promise<BenchResult> {
  const { withGil, freeThreaded } = await pair313();
  const request: BenchRequest = {
    file: join(programs, program),
    pythons: [withGil.executable, freeThreaded.executable],
    hints: [],
    threads: [1, 2],
    rounds: 1,
    budgetSeconds: 60,
    env: process.env,
    ...wishes,
  };
  return benchmark(request, catalogue);
}
