// What the rewrites are for: demonstrations that fail on the free-threaded interpreter do not fail any more, and say
// the same with one thread.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demonstrationsIn } from "../../scripts/prove/demonstrations.ts";
import { runTrial } from "../../scripts/prove/trial.ts";
import { Workspace } from "../src/analysis/workspace.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { rewritesFor } from "../src/fixes/rewrite/rewritesFor.ts";
import { rewrites } from "../src/fixes/rewrite/table.ts";
import { python } from "./fixesHarness.ts";

const root = path.resolve(import.meta.dirname, "../..");
const runner = path.join(root, "scripts/prove/runner.py");
const freeThreaded = python("3.13t");
const trials = 3;

/** The program with the rule's first rewrite at every place; undefined where none is offered. */
async function rewritten(rule: string, text: string): Promise<string | undefined> {
  const workspace = await Workspace.create({ concurrency: "auto", target: "3.13", preview: true });
  const file = "/demonstration.py";
  workspace.update(file, text);
  for (let round = 0; round < 20; round += 1) {
    const tree = workspace.tree(file)!;
    const [fix] = workspace
      .findings(file)
      .filter((finding) => finding.rule === rule)
      .flatMap((finding) => rewritesFor(finding, tree, "3.13"))
      .filter(({ disabled }) => disabled === undefined);
    if (fix === undefined) break;
    workspace.update(file, applyEdits(workspace.text(file)!, fix.edits));
  }
  const result = workspace.text(file)!;
  return result === text ? undefined : result;
}

const demonstrations = demonstrationsIn(path.join(root, "fixtures/demonstrations")).filter(({ rule }) =>
  Object.hasOwn(rewrites, rule),
);

/** Demonstrations whose shape has no rewrite that is right; a lock or a person repairs them. */
const withoutRewrite = new Set([
  "check-then-act-attribute", // has one for flags that are reset
  "class-read-modify-write",
  "descriptor-cache", // is told to those who write libraries only
  "instance-read-modify-write",
  "lazy-lock-creation",
  "locked-as-test",
  "mutable-context-default",
  "shared-connection", // made from what the program finds out while it runs
  "shared-iterator", // has one from 3.15 on
  "shared-sqlite-connection", // in memory, which is one for all or none
  "unbounded-intern",
  "wait-without-loop",
]);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "threadproof-rewritten-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.skipIf(freeThreaded === undefined)("rewritten demonstrations", () => {
  test.each(demonstrations.map((one) => [one.rule, one] as const))("%s", async (rule, { bad }) => {
    const text = await rewritten(rule, await readFile(bad, "utf8"));
    expect(text === undefined).toBe(withoutRewrite.has(rule));
    if (text === undefined) return;
    const program = path.join(folder, `${rule}.py`);
    await writeFile(program, text);
    for (let trial = 0; trial < trials; trial += 1) {
      const { seen } = await runTrial(freeThreaded!, runner, program, 4);
      expect(seen, text).toEqual([]);
    }
    const alone = await runTrial(freeThreaded!, runner, bad, 1);
    if (alone.seen.length > 0) return; // it fails even then
    expect((await runTrial(freeThreaded!, runner, program, 1)).said).toBe(alone.said);
  });
});
