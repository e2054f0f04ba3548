import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { BenchEvent } from "../src/bench/progress.ts";
import { benchResultSchema } from "../src/bench/result.ts";
import { bench, compileModule, programs, scratch } from "./benchMachine.ts";

const kinds = (result: Awaited<ReturnType<typeof bench>>) => result.reasons.map(({ kind }) => kind);

describe("benchmark with real interpreters", { timeout: 120_000 }, () => {
  it("measures every lane at every thread count and asserts the GIL inside", async () => {
    const events: BenchEvent[] = [];
    const result = await bench("scaling.py", { rounds: 2, onEvent: (event) => events.push(event) });
    expect(benchResultSchema.parse(result)).toEqual(result);
    expect(result.lanes.map(({ id, freeThreaded, gilEnabled }) => [id, freeThreaded, gilEnabled])).toEqual([
      ["3.13", false, true],
      ["3.13t", true, false],
      ["3.13t-gil", true, true],
    ]);
    for (const lane of result.lanes) {
      expect(lane.samples.map(({ threads }) => threads)).toEqual([1, 2]);
      expect(lane.samples[0]).toMatchObject({ speedup: 1, efficiency: 1 });
      for (const sample of lane.samples) {
        expect(sample.lowMs).toBeLessThanOrEqual(sample.medianMs);
        expect(sample.highMs).toBeGreaterThanOrEqual(sample.medianMs);
        expect(sample.efficiency).toBeCloseTo(sample.speedup / sample.threads, 2);
        // A bare interpreter; the memory of the process that started it would be ten times that.
        expect(sample.peakMiB).toBeGreaterThan(3);
        expect(sample.peakMiB).toBeLessThan(40);
      }
    }
    expect(kinds(result)).toContain("single-thread-cost");
    expect(kinds(result)).not.toContain("no-threads");
    expect(kinds(result)).not.toContain("fixed-worker-count");
    const rounds = events.flatMap((event) => (event.event === "run" ? [event.round] : []));
    // Three lanes and the machine's own reference, on one and two threads.
    expect(rounds).toEqual([...Array(4).fill(0), ...Array(8).fill(1), ...Array(8).fill(2)]);
    expect(result.hardware.map(({ threads }) => threads)).toEqual([1, 2]);
    expect(result.listensTo).toEqual({
      affinity: false,
      PYTHON_CPU_COUNT: false,
      THREADPROOF_THREADS: true,
      threadsAtLeast: 1,
      threadsAtMost: 2,
    });
    const partial = events.filter(({ event }) => event === "partial");
    expect(partial.at(-1)).toMatchObject({ round: 2, lanes: result.lanes });
  });

  it("runs the file as it would run by hand", async () => {
    await expect(bench("as_main.py")).resolves.toMatchObject({ version: 1 });
  });

  it("works where folders of scripts are kept off the path", async () => {
    const env = { ...process.env, PYTHONSAFEPATH: "1" };
    await expect(bench("sequential.py", { threads: [1], env })).resolves.toMatchObject({ version: 1 });
    const called = await bench("functions.py", { function: "strong", threads: [1], env });
    expect(called.unavailable).toEqual([]);
  });

  it("says so when no thread is started", async () => {
    const result = await bench("sequential.py");
    expect(kinds(result)).toContain("no-threads");
    expect(result.verdict).toContain("starts no threads");
  });

  it("says so when the worker count is fixed, and waits for threads that the program does not join", async () => {
    const result = await bench("fixed_workers.py");
    const message = result.reasons.find(({ kind }) => kind === "fixed-worker-count")?.message;
    expect(message).toContain("3 threads");
    expect(result.listensTo).toMatchObject({ hardCoded: 3, THREADPROOF_THREADS: false });
  });

  it.each([
    ["affinity", "len(os.sched_getaffinity(0))"],
    ["PYTHON_CPU_COUNT", "os.process_cpu_count()"],
  ])("tells that a program listens to %s, not to all it reads", async (source, count) => {
    const file = join(await scratch(), "listens.py");
    const lines = [
      "import os, threading",
      "os.environ.get('THREADPROOF_THREADS')",
      `for _ in range(${count}): threading.Thread(target=int).start()`,
    ];
    await writeFile(file, lines.join("\n"));
    const { listensTo } = await bench("", { file });
    const heard = Object.entries(listensTo ?? {}).filter(([, value]) => value === true);
    expect(heard).toEqual([[source, true]]);
  });

  it("names the extension module that switches the GIL on", async () => {
    const folder = await scratch();
    await compileModule(join(programs, "relies_on_gil.c"), "relies_on_gil", folder);
    for (const [name, first] of [
      ["loud.py", ""],
      ["quiet.py", "import warnings; warnings.simplefilter('ignore')\n"],
    ] as const) {
      await writeFile(join(folder, name), `${first}import relies_on_gil\n`);
      const result = await bench("", { file: join(folder, name) });
      const lane = result.lanes.find(({ id }) => id === "3.13t");
      expect(lane).toMatchObject({ gilEnabled: true, label: "3.13t, GIL switched on by relies_on_gil" });
      expect(kinds(result)[0]).toBe("gil-enabled");
      expect(result.verdict).toContain("relies_on_gil");
    }
  });

  it("keeps reading a flood, and says how much there was", async () => {
    const result = await bench("flooding.py");
    expect(result.reasons.find(({ kind }) => kind === "output")?.message).toContain("36 MiB");
  });
});
