import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeFunction } from "../src/bench/benchedFunction.ts";
import { benchResultSchema } from "../src/bench/result.ts";
import { writeRunner } from "../src/bench/runner/runnerFiles.ts";
import { bench, compileModule, marked, pair313, programs, scratch } from "./benchMachine.ts";

const all = ["3.13", "3.13t", "3.13t-gil", "processes", "subinterpreters"];

describe("benchmark of one function", { timeout: 120_000 }, () => {
  it("has threads, processes and sub-interpreters call it at once, each its own call", async () => {
    const mark = marked();
    const result = await bench("functions.py", { function: "weak", env: mark.env });
    expect(await mark.living()).toEqual([]);
    expect(benchResultSchema.parse(result)).toEqual(result);
    expect(result.mode).toBe("function-weak");
    expect(result.function).toMatchObject({ name: "weak", line: 7, arguments: "n=SIZE * 10" });
    expect(result.function?.calls).toBeGreaterThan(1);
    expect(result.lanes.map(({ id }) => id)).toEqual(all);
    const [withGil, free, , processes, interpreters] = result.lanes;
    expect(free).toMatchObject({ gilEnabled: false, workers: "threads" });
    // Each process is an interpreter of its own, and all of them count.
    expect(processes?.samples[1]?.peakMiB).toBeGreaterThan(1.8 * (withGil?.samples[1]?.peakMiB ?? 0));
    expect(processes?.startMs).toBeGreaterThan(0);
    expect(interpreters?.startMs).toBeGreaterThan(0);
    for (const { samples } of result.lanes) {
      const [alone, wide] = samples;
      // Two workers do twice the work: what counts is work per second.
      expect(wide?.speedup).toBeCloseTo((2 * (alone?.medianMs ?? 0)) / (wide?.medianMs ?? 1), 1);
    }
    expect(result.commandLine).toContain("--function weak --scaling weak");
  });

  it("splits a chunk over the workers", async () => {
    const result = await bench("functions.py", { function: "strong" });
    expect(result).toMatchObject({ mode: "function-strong", function: { splits: "chunk" } });
    expect(result.lanes.map(({ id }) => id)).toEqual(all);
  });

  it.each([
    ["weak", "strong", { name: "weak", splits: "n" }],
    ["stand_in", "auto", { name: "bench_stand_in", line: 23 }],
    ["Model.score", "weak", { name: "Model.score", arguments: "" }],
    ["coroutine", "auto", { name: "coroutine" }],
    ["generator", "auto", { name: "generator" }],
  ] as const)("takes %s for %s scaling", async (name, scaling, expected) => {
    const workFolder = await scratch();
    await writeRunner(workFolder);
    const file = join(programs, "functions.py");
    const request = { file, name, scaling, cpus: [], timeoutMs: 60_000 };
    const { withGil } = await pair313();
    const found = await describeFunction(request, withGil, { env: process.env, workFolder });
    expect(found).toMatchObject(expected);
    expect(found.calls).toBeGreaterThan(1);
  });

  it.each([
    ["nowhere", "auto", /there is no such function; there is weak, strong, bench_stand_in/],
    ["needs", "auto", /it needs arguments \(rows, model\): .*bench\(rows=…, model=…\).* bench_needs\(\)/],
    ["wrong_split", "strong", /its argument n is no whole number/],
    ["stand_in", "strong", /it has no argument n or chunk/],
    ["wrong_arguments", "auto", /its arguments \(missing_name\) cannot be evaluated: NameError/],
    ["raises", "auto", /LookupError: no such row/],
  ] as const)("refuses %s for %s scaling with one message", async (name, scaling, message) => {
    const refused = bench("functions.py", { function: name, scaling });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ name: "BenchFailure" });
  });

  it("goes on without sub-interpreters where a module does not load there, and names what switched the GIL on", async () => {
    const folder = await scratch();
    await compileModule(join(programs, "relies_on_gil.c"), "relies_on_gil", folder);
    const file = join(folder, "program.py");
    await writeFile(file, "import relies_on_gil\ndef work(n=1000):\n    return sum(range(n))\n");
    const result = await bench("", { file, function: "work", threads: [1] });
    expect(result.lanes.map(({ id }) => id)).toEqual(all.slice(0, -1));
    expect(result.lanes[1]).toMatchObject({ gilEnabled: true, gilSwitchedOnBy: "relies_on_gil" });
    expect(result.unavailable).toMatchObject([
      { id: "subinterpreters", reason: expect.stringContaining("relies_on_gil") },
    ]);
    expect(result.reasons.map(({ kind }) => kind)).toContain("lane-unavailable");
  });

  it("imports a file of a package as a part of it", async () => {
    const folder = await scratch();
    const file = join(folder, "work.py");
    await writeFile(join(folder, "__init__.py"), "");
    await writeFile(join(folder, "numbers_of.py"), "STEPS = 1000\n");
    await writeFile(file, "from .numbers_of import STEPS\ndef work():\n    return sum(range(STEPS))\n");
    const result = await bench("", { file, function: "work", threads: [1] });
    expect(result.lanes.map(({ id }) => id)).toEqual(all);
  });
});
