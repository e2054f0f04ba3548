// Every fixture is fixed as far as the fixes go; what comes out is kept beside it and has to satisfy CPython
// and the engine.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { applyEdits } from "../src/fixes/fix.ts";
import { added, Bench, compileErrors, tally } from "./fixesHarness.ts";

const folder = path.join(import.meta.dirname, "../../fixtures/fixes");
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".py") && !file.endsWith(".fixed.py"))
  .map((file) => file.slice(0, -3));

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ concurrency: "library", target: "3.13" });
});

describe.each(names)("fixture %s", (name) => {
  const text = readFileSync(path.join(folder, `${name}.py`), "utf8");
  const isRefused = name === "refused";

  test("becomes the kept text, in which nothing is left to fix", async () => {
    const fixed = bench.fixAll(text);
    expect(fixed.text === text).toBe(isRefused);
    await expect(fixed.text).toMatchFileSnapshot(path.join(folder, `${name}.fixed.py`));
    expect(bench.fixAll(fixed.text).text).toBe(fixed.text);
    expect(fixed.refused).toMatchSnapshot();
  });

  test("each fix alone compiles and takes its finding away without a new one", async () => {
    const before = bench.findings(text);
    expect(before.length).toBeGreaterThan(0);
    const results: string[] = [];
    for (const finding of before) {
      const key = `${finding.rule} ${finding.symbol} ${finding.function}`;
      for (const fix of bench.fixes(finding, text)) {
        if (fix.disabled !== undefined) {
          expect(fix.edits).toEqual([]);
          continue;
        }
        const result = applyEdits(text, fix.edits);
        const after = bench.findings(result);
        expect.soft(tally(after).get(key) ?? 0, fix.title).toBeLessThan(tally(before).get(key)!);
        // That threads now wait for each other is the price of a lock, which its title names.
        const more = added(before, after).filter((rule) => !rule.startsWith("lock-in-hot-loop"));
        expect.soft(more, fix.title).toEqual([]);
        results.push(result);
      }
    }
    const [brokenBefore, ...errors] = await compileErrors([text, ...results]);
    if (brokenBefore === null) expect(errors).toEqual(results.map(() => null));
  });
});
