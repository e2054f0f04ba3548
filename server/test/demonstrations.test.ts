// The demonstrations: each rule finds its program and not the repaired twin, and those that cannot but fail do.
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, test } from "vitest";
import { demonstrationsIn } from "../../scripts/prove/demonstrations.ts";
import { type Failure, runTrial } from "../../scripts/prove/trial.ts";
import { ruleNames } from "../src/analysis/ruleCatalogue.ts";
import { Workspace } from "../src/analysis/workspace.ts";
import { python } from "./fixesHarness.ts";

const root = path.resolve(import.meta.dirname, "../..");
const demonstrations = demonstrationsIn(path.join(root, "fixtures/demonstrations"));
const runner = path.join(root, "scripts/prove/runner.py");

/** Rules that never say more than that threads may come, and so report in library mode only. */
const libraryRules = ["descriptor-cache"];

async function rulesFoundIn(file: string, concurrency: "auto" | "library"): Promise<string[]> {
  const workspace = await Workspace.create({ concurrency, target: "3.13", preview: true });
  workspace.update("/demonstration.py", readFileSync(file, "utf8"));
  return workspace.allFindings().map((finding) => finding.rule);
}

test("every demonstration is one of a rule", () => {
  const unknown = demonstrations.filter(({ rule }) => !ruleNames.includes(rule));
  expect(unknown.map(({ rule }) => rule)).toEqual([]);
});

it.each(demonstrations.map((one) => [one.rule, one] as const))(
  "%s reports its program and not the repaired one",
  async (rule, { bad, repaired }) => {
    const concurrency = libraryRules.includes(rule) ? "library" : "auto";
    expect(await rulesFoundIn(bad, concurrency)).toContain(rule);
    expect(await rulesFoundIn(repaired, concurrency)).not.toContain(rule);
  },
);

/** Programs whose steps come in one order only, so that they fail each time, on this build at least. */
const certain: [rule: string, build: "3.13" | "3.13t", kind: Failure["kind"]][] = [
  ["lock-reacquired", "3.13t", "deadlock"],
  ["join-holding-lock", "3.13", "deadlock"],
  ["submit-and-wait", "3.13t", "deadlock"],
  ["lock-across-await", "3.13t", "deadlock"],
  ["signal-outside-main-thread", "3.13t", "raised"],
  ["thread-local-module-init", "3.13", "raised"],
  ["run-called-directly", "3.13t", "wrong"],
  ["trace-function-per-thread", "3.13t", "lost"],
  ["python-gil-in-process", "3.13t", "wrong"],
  ["malloc-option", "3.13t", "lost"],
  ["mutable-class-default", "3.13t", "wrong"],
  ["check-then-use-attribute", "3.13t", "raised"],
  ["object-reinitialised", "3.13", "wrong"],
  ["offloaded-shared-state", "3.13t", "raised"],
  ["saved-and-restored-state", "3.13t", "wrong"],
  ["import-deadlock", "3.13t", "deadlock"],
  ["refcount-dependence", "3.13t", "wrong"],
];

describe.each(certain)("%s on %s", (rule, build, kind) => {
  const executable = python(build);
  const demonstration = demonstrations.find((one) => one.rule === rule)!;

  it.skipIf(executable === undefined)(`fails (${kind}), and its repaired twin does not`, async () => {
    const bad = await runTrial(executable!, runner, demonstration.bad, 4);
    expect(bad.seen.map((failure) => failure.kind)).toContain(kind);
    const repaired = await runTrial(executable!, runner, demonstration.repaired, 4);
    expect(repaired.seen).toEqual([]);
  });
});
