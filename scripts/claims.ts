// Measures what articles claim about Python without the GIL on this machine, and writes docs/claims.md.
//   npm run claims [-- --rounds N] [--python EXE]…
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { execa } from "execa";
import { type BenchRequest, benchmark } from "../server/src/bench/benchmark.ts";
import { findBuilds } from "../server/src/bench/builds.ts";
import type { BenchResult } from "../server/src/bench/result.ts";
import { InterpreterCatalogue } from "../server/src/environment/discover.ts";
import { differences, type Interpreter } from "../server/src/environment/interpreter.ts";
import { claimRows, type Results, type Row } from "./claims/rows.ts";

const programs = "fixtures/programs";
const flags = new Command()
  .option("--rounds <n>", "rounds of each measurement", Number, 7)
  .option(
    "--python <exe>",
    "an interpreter to take",
    (one: string, all: string[]) => [...all, one],
    [] as string[],
  )
  .parse()
  .opts<{ rounds: number; python: string[] }>();

const catalogue = new InterpreterCatalogue();
const { pairs } = await findBuilds({ pythons: flags.python, hints: [] }, catalogue);
const pair = pairs.find(({ version }) => version === "3.13");
if (!pair) {
  throw new Error("The claims are about CPython 3.13 and 3.13t: node scripts/providePythons.mjs");
}

async function measured(file: string, more: Partial<BenchRequest> = {}): Promise<BenchResult> {
  process.stderr.write(`${file}${more.function ? ` ${more.function}` : ""}\n`);
  const request = {
    file,
    pythons: flags.python,
    hints: [],
    rounds: flags.rounds,
    budgetSeconds: 600,
    env: process.env,
  };
  return benchmark({ ...request, ...more }, catalogue);
}

/** Compiles a C source for one interpreter. */
async function compile(
  { executable }: Interpreter,
  name: string,
  folder: string,
  more: string[],
): Promise<void> {
  const question = "import sysconfig as s; print(s.get_path('include'), s.get_config_var('EXT_SUFFIX'))";
  const [include = "", suffix = ""] = (await execa(executable, ["-c", question])).stdout.split(" ");
  const source = join(programs, "native/native_roots.c");
  const output = join(folder, name + suffix);
  await execa("cc", ["-shared", "-fPIC", "-O2", `-I${include}`, ...more, "-o", output, source, "-lm"]);
}

const folder = await mkdtemp(join(tmpdir(), "threadproof-claims-"));
try {
  for (const interpreter of [pair.withGil, pair.freeThreaded]) {
    await compile(interpreter, "native_roots", folder, []);
    await compile(interpreter, "native_roots_gil", folder, ["-DRELIES_ON_GIL"]);
  }
  const native = join(folder, "native_work.py");
  await copyFile(join(programs, "native/native_work.py"), native);
  const results: Results = {
    sqrt: await measured(join(programs, "sqrt_mask.py")),
    sqrtSplit: await measured(join(programs, "sqrt_mask.py"), {
      function: "masked_roots",
      scaling: "strong",
    }),
    collatz: await measured(join(programs, "collatz.py")),
    matrix: await measured(join(programs, "matrix_multiplication.py")),
    monteCarlo: await measured(join(programs, "monte_carlo_options.py")),
    tree: await measured(join(programs, "tree_traversal.py")),
    fraud: await measured(join(programs, "fraud_scoring.py")),
    native: await measured(native),
    nativeGil: await measured(native, {
      rounds: 1,
      env: { ...process.env, NATIVE_MODULE: "native_roots_gil" },
    }),
    asyncio: await measured(join(programs, "asyncio_cpu.py")),
    io: await measured(join(programs, "io_bound.py")),
  };
  await writeFile("docs/claims.md", page(claimRows(results), results));
  process.stderr.write("docs/claims.md is written\n");
} finally {
  await rm(folder, { recursive: true, force: true });
}

function page(rows: readonly Row[], { sqrt }: Results): string {
  const { machine } = sqrt;
  const unlike = differences(pair!.withGil, pair!.freeThreaded);
  const table = rows.map((row) =>
    [row.number, row.claim, row.measured, `**${row.verdict}**`, row.conditions]
      .map((cell) => cell.replaceAll("|", "\\|"))
      .join(" | "),
  );
  const loads = rows.map(({ conditions }) => Number(/load ([\d.]+)/.exec(conditions)?.[1] ?? 0));
  const busy = Math.max(...loads) > 0.75 * machine.cpus;
  return `# What articles claim, and what was measured

Written by \`npm run claims\` on ${sqrt.startedAt.slice(0, 10)}; run it to have the figures of your machine. The programs are in
\`fixtures/programs\`; how they are measured is told in [benchmark.md](benchmark.md).

- Machine: ${machine.cpu}, ${machine.cpus} CPUs, ${machine.system}.
- Builds: CPython ${pair!.withGil.version.join(".")} and ${pair!.freeThreaded.version.join(".")}t, ${pair!.withGil.compiler}; ${unlike.length === 0 ? "configured alike" : `they differ: ${unlike.join("; ")}`}, ${/--enable-optimizations/.test(pair!.withGil.configArgs) ? "with" : "without"} profile-guided optimisation.
- A speedup is that of a lane against itself on one worker, with the interval that both times leave open. "Independent loops" is
  what separate processes gained in the same rounds: the most that this machine could have given.${
    busy
      ? `
- **Other programs ran beside these measurements** (load up to ${Math.max(...loads).toFixed(1)} on ${machine.cpus} CPUs). Where independent loops gained little,
  no gain could have shown, and the verdict says that it cannot be told.`
      : ""
  }
- Claims are held against the measured thread count; ${machine.cpus} CPUs say nothing about 16.

| # | claim | measured | verdict | conditions |
| --- | --- | --- | --- | --- |
${table.map((line) => `| ${line} |`).join("\n")}

Not measured here: which share of the 1,000 most used packages declares that it runs without the GIL (claim 12), latency of a
service (claim 11), and pickling of data frames (claim 3: the benchmark never pickles results). Claim 13, that the right way
out depends on the work, is what each benchmark's result reasons about.
`;
}
