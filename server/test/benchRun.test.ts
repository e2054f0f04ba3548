import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, it, onTestFinished } from "vitest";
import type { BenchEvent } from "../src/bench/progress.ts";
import { benchResultSchema } from "../src/bench/result.ts";
import { bench, marked, pair313, programs } from "./benchMachine.ts";

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
    expect(rounds).toEqual([...Array(4).fill(0), ...Array(6).fill(1), ...Array(6).fill(2)]);
  });

  it("runs the file as it would run by hand", async () => {
    await expect(bench("as_main.py")).resolves.toMatchObject({ version: 1 });
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
  });

  it("names the extension module that switches the GIL on", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-extension-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { withGil, freeThreaded } = await pair313();
    for (const { executable } of [withGil, freeThreaded]) {
      const question = "import sysconfig as s; print(s.get_path('include'), s.get_config_var('EXT_SUFFIX'))";
      const { stdout } = await execa(executable, ["-c", question]);
      const [include, suffix] = stdout.split(" ");
      const target = join(folder, `relies_on_gil${suffix}`);
      await execa("gcc", [
        "-shared",
        "-fPIC",
        `-I${include}`,
        "-o",
        target,
        join(programs, "relies_on_gil.c"),
      ]);
    }
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

describe("hostile programs", { timeout: 120_000 }, () => {
  it("shows the end of a failing program's output", async () => {
    await expect(bench("failing.py")).rejects.toThrow(
      /failing\.py failed with exit status 1 under 3\.13 .*[\s\S]*ValueError: no such account/,
    );
  });

  it("does not blame itself in the traceback", async () => {
    await expect(bench("failing.py")).rejects.not.toThrow(/threadproof_runner/);
  });

  it("says which interpreter lacks a module", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-missing-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, "needs.py"), "import surely_not_installed\n");
    await expect(bench("", { file: join(folder, "needs.py") })).rejects.toThrow(
      /does not have surely_not_installed: install it/,
    );
  });

  it("says where it crashes and where it does not", async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-crash-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    await writeFile(
      join(folder, "crash.py"),
      "import os, signal, sys\nif not sys._is_gil_enabled(): os.kill(os.getpid(), signal.SIGSEGV)\n",
    );
    await expect(bench("", { file: join(folder, "crash.py") })).rejects.toThrow(
      /crashed with SIGSEGV under 3\.13t .*It runs under 3\.13\./,
    );
  });

  it("stops a hanging program when its time is up", async () => {
    const mark = marked();
    await expect(bench("hanging.py", { budgetSeconds: 1, env: mark.env })).rejects.toThrow(
      /did not end within 1 s under 3\.13/,
    );
    expect(await mark.living()).toEqual([]);
  });

  it("ends forked children that ignore SIGTERM and have left the group", async () => {
    const mark = marked();
    await expect(bench("forking.py", { budgetSeconds: 1, env: mark.env })).rejects.toThrow(/did not end/);
    expect(await mark.living()).toEqual([]);
  });

  it("ends what a program leaves behind, and says so", async () => {
    const mark = marked();
    const result = await bench("leaving.py", { threads: [1], env: mark.env });
    expect(kinds(result)).toContain("left-processes");
    expect(await mark.living()).toEqual([]);
  });

  it("leaves no process and no file behind when cancelled", async () => {
    const mark = marked();
    const scratch = await mkdtemp(join(tmpdir(), "bench-cancel-"));
    onTestFinished(() => rm(scratch, { recursive: true, force: true }));
    await copyFile(join(programs, "hanging.py"), join(scratch, "hanging.py"));
    const controller = new AbortController();
    const running = bench("", {
      file: join(scratch, "hanging.py"),
      env: mark.env,
      signal: controller.signal,
      onEvent: ({ event }) => event === "run" && setImmediate(() => controller.abort()),
    });
    await expect(running).rejects.toThrow("cancelled");
    expect(await mark.living()).toEqual([]);
  });
});
