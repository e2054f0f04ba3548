/**
 * Programs whose scaling is known beforehand. Others may use the machine meanwhile, so a gain is judged against
 * what independent loops gained in the same rounds, and a missing one by whether the interval leaves it open.
 */
import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BenchResult, Lane, Sample } from "../src/bench/result.ts";
import { bench, compileModule, programs as plain } from "./benchMachine.ts";

const programs = join(plain, "../programs");

function run(
  program: string,
  work: number,
  more: Record<string, string> = {},
  rounds = 3,
): Promise<BenchResult> {
  return bench("", {
    file: resolve(programs, program),
    rounds,
    env: { ...process.env, WORK: String(work), ...more },
  });
}

function wide(result: BenchResult, id: string): Sample {
  const lane = result.lanes.find((one): one is Lane => one.id === id);
  return lane!.samples.at(-1)!;
}

/** At least 0.9 of the ideal on a quiet machine; otherwise of what the loops gained, as far as both intervals tell. */
function expectFullGain(sample: Sample, { hardware }: BenchResult): void {
  const possible = hardware.at(-1)!;
  if (possible.speedupLow >= 1.85) {
    expect(sample.speedupHigh).toBeGreaterThanOrEqual(1.8);
  } else {
    expect(sample.speedupHigh).toBeGreaterThanOrEqual(0.9 * possible.speedupLow);
  }
}

function expectNoGain({ speedupLow, speedupHigh }: Sample): void {
  expect(speedupLow).toBeLessThanOrEqual(1.1);
  expect(speedupHigh).toBeGreaterThanOrEqual(0.9);
}

describe("known truths", { timeout: 120_000, retry: 2 }, () => {
  it("shows a full gain for threads that share nothing, and none with the GIL", async () => {
    const result = await run("collatz.py", 0.4);
    expectFullGain(wide(result, "3.13t"), result);
    expectNoGain(wide(result, "3.13"));
    expectNoGain(wide(result, "3.13t-gil"));
    const kinds = result.reasons.map(({ kind }) => kind);
    expect(kinds).not.toContain("hot-lock");
    expect(kinds).not.toContain("shared-object");
    expect(kinds).not.toContain("waits");
  });

  it("shows no gain for coroutines, and why", async () => {
    const result = await run("asyncio_cpu.py", 0.3);
    for (const { id } of result.lanes) {
      expectNoGain(wide(result, id));
    }
    expect(result.reasons.map(({ kind }) => kind)).toContain("no-threads");
  });

  it.each([
    ["shared_dict_read.py", "shared-object", 14],
    ["counter_locked.py", "hot-lock", 15],
  ] as const)("shows no gain for %s, and links the line", async (program, kind, line) => {
    const result = await run(program, 1);
    expect(wide(result, "3.13t").speedupLow).toBeLessThanOrEqual(1.1);
    const reason = result.reasons.find((one) => one.kind === kind);
    expect(reason?.link).toEqual({ path: join(programs, program), line });
    expect(reason?.evidence).toBeTruthy();
  });

  it("knows a program that waits, on a busy machine too", async () => {
    const result = await run("io_bound.py", 0.5);
    expect(result.reasons.map(({ kind }) => kind)).toContain("waits");
    expect(wide(result, "3.13").speedupHigh).toBeGreaterThan(1.5);
  });

  describe("compiled modules", () => {
    let folder: string;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "bench-native-"));
      const source = join(programs, "native/native_roots.c");
      await compileModule(source, "native_roots", folder);
      await compileModule(source, "native_roots_gil", folder, ["-DRELIES_ON_GIL"]);
      await copyFile(join(programs, "native/native_work.py"), join(folder, "native_work.py"));
    });

    afterAll(() => rm(folder, { recursive: true, force: true }));

    it("gain with the GIL when they let go of it", async () => {
      const result = await run(join(folder, "native_work.py"), 0.6);
      expectFullGain(wide(result, "3.13"), result);
      expectFullGain(wide(result, "3.13t"), result);
    });

    it("that rely on the GIL switch it on in the free-threaded build", async () => {
      const more = { NATIVE_MODULE: "native_roots_gil" };
      const result = await run(join(folder, "native_work.py"), 0.1, more, 1);
      expect(result.lanes[1]).toMatchObject({ gilEnabled: true, gilSwitchedOnBy: "native_roots_gil" });
      expect(result.verdict).toContain("native_roots_gil");
      expect(result.reasons[0]?.kind).toBe("gil-enabled");
    });
  });
});
