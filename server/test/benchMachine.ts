/** The real interpreters and programs that the benchmark's tests use. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type BenchRequest, benchmark } from "../src/bench/benchmark.ts";
import type { BenchResult } from "../src/bench/result.ts";
import { InterpreterCatalogue } from "../src/environment/discover.ts";
import { choosePairs, type Pair } from "../src/environment/pairs.ts";

export const programs = join(import.meta.dirname, "../../fixtures/bench");

/** CPython 3.13 and 3.13t of this machine. */
export async function pair313(): Promise<Pair> {
  const { interpreters } = await new InterpreterCatalogue().find();
  const pair = choosePairs(interpreters).find(({ version }) => version === "3.13");
  if (!pair) {
    throw new Error("These tests need CPython 3.13 and 3.13t: node scripts/providePythons.mjs");
  }
  return pair;
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
  return benchmark(request, new InterpreterCatalogue());
}
