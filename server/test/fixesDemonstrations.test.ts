// The demonstrations fail on the free-threaded interpreter; with nothing but lock fixes applied they no longer do, and
// alone they say what they said before.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { demonstrationsIn } from "../../scripts/prove/demonstrations.ts";
import { inWords, threads } from "../../scripts/prove/proof.ts";
import { runTrial } from "../../scripts/prove/trial.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { Bench, python } from "./fixesHarness.ts";

const root = path.join(import.meta.dirname, "../..");
const runner = path.join(root, "scripts/prove/runner.py");
const freeThreaded = python("3.13t");
const folder = mkdtempSync(path.join(tmpdir(), "threadproof-fixed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const bench = await Bench.start({ concurrency: "library", target: "3.13" });

/** The text after lock fixes, first ones first, until none is left. */
function locked(text: string): string {
  let current = text;
  for (let round = 0; round < 20; round += 1) {
    const fixes = bench.findings(current).flatMap((finding) => bench.fixes(finding, current));
    const fix = fixes.find(({ title, edits }) => title.startsWith("Guard") && edits.length > 0);
    if (fix === undefined) return current;
    current = applyEdits(current, fix.edits);
  }
  throw new Error(`fixes did not come to an end:\n${current}`);
}

/** Those whose own rule, not another one by the way, offers a lock. */
const repaired = demonstrationsIn(path.join(root, "fixtures/demonstrations")).flatMap(({ rule, bad }) => {
  const text = readFileSync(bad, "utf8");
  const isOffered = bench
    .findings(text)
    .filter((finding) => finding.rule === rule)
    .some((finding) =>
      bench.fixes(finding, text).some(({ title, edits }) => title.startsWith("Guard") && edits.length > 0),
    );
  return isOffered ? [{ rule, bad, fixed: locked(text) }] : [];
});

/** Faults of fixes, to be mended. */
const known: Readonly<Record<string, string>> = {};

/** Programs whose threads meet at a barrier inside the region, to force the order: under a lock they cannot meet. */
const forced: ReadonlySet<string> = new Set(["check-then-use-attribute"]);

test("many demonstrations have a lock fix", () => {
  expect(repaired.length).toBeGreaterThan(15);
});

describe.skipIf(freeThreaded === undefined).each(repaired)("$rule", ({ rule, bad, fixed }) => {
  const file = path.join(folder, `${rule}.py`);
  writeFileSync(file, fixed);

  test.skipIf(rule in known || forced.has(rule))(
    "holds under its lock",
    async () => {
      for (let trial = 0; trial < 3; trial += 1) {
        const seen = await runTrial(freeThreaded!, runner, file, threads);
        expect(inWords([seen]), fixed).toBe("");
      }
      const before = await runTrial(freeThreaded!, runner, bad, 1);
      if (before.seen.length > 0) return; // fails even alone
      const after = await runTrial(freeThreaded!, runner, file, 1);
      expect(after.said).toBe(before.said);
    },
    120_000,
  );
});
