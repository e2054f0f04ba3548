// What the fixes are for: programs that lose updates on the free-threaded interpreter keep all of them
// afterwards, and do the same as before in one thread.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { Bench, python } from "./fixesHarness.ts";

const folder = path.join(import.meta.dirname, "../../fixtures/fixes/programs");
const programs = readdirSync(folder).filter((name) => name.endsWith(".py"));
const freeThreaded = python("3.13t");

/** Runs a program with a number of threads; each prints `kept N of M`. */
async function run(text: string, threads: number): Promise<{ kept: number; wanted: number }> {
  const { stdout } = await execa(freeThreaded!, ["-X", "gil=0", "-", String(threads)], { input: text });
  const [, kept, wanted] = /^kept (\d+) of (\d+)$/m.exec(stdout)!;
  return { kept: Number(kept), wanted: Number(wanted) };
}

describe.skipIf(freeThreaded === undefined).each(programs)("program %s", (name) => {
  const text = readFileSync(path.join(folder, name), "utf8");

  test("loses work before its fixes and none afterwards", async () => {
    const bench = await Bench.start({ concurrency: "auto", target: "3.13" });
    expect(bench.findings(text).map((finding) => finding.evidence)).toContain("proven");
    let lost = 0;
    for (let trial = 0; trial < 30 && lost === 0; trial += 1) {
      const { kept, wanted } = await run(text, 4);
      lost += wanted - kept;
    }
    expect(lost).toBeGreaterThan(0);

    const fixed = bench.fixAll(text).text;
    // What is left is the hint that the lock in the loop costs time.
    const left = bench.findings(fixed).filter(({ rule }) => rule !== "lock-in-hot-loop");
    expect(left).toEqual([]);
    for (let trial = 0; trial < 10; trial += 1) {
      const { kept, wanted } = await run(fixed, 4);
      expect(kept).toBe(wanted);
    }
    expect(await run(fixed, 1)).toEqual(await run(text, 1));
  });
});
