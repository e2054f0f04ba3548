/** Writes a benchmark down as a command that does the same again. Pure. */
import type { BenchResult } from "./result.ts";

/** Exactly the builds and thread counts of `result`, so that it means the same on another day. */
export function commandLineFor(
  file: string,
  result: Pick<BenchResult, "lanes" | "mode" | "function">,
  budgetSeconds: number,
  rounds?: number,
): string {
  const pythons = [...new Set(result.lanes.map(({ python }) => python))];
  const threads = result.lanes[0]!.samples.map((sample) => sample.threads).join(",");
  const scaling = result.mode === "function-strong" ? "strong" : "weak";
  const words = [
    "threadproof",
    "bench",
    "--threads",
    threads,
    ...pythons.flatMap((python) => ["--python", python]),
    ...(result.function ? ["--function", result.function.name, "--scaling", scaling] : []),
    "--budget",
    String(budgetSeconds),
    ...(rounds === undefined ? [] : ["--rounds", String(rounds)]),
    file,
  ];
  return words.map(quote).join(" ");
}

function quote(word: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
