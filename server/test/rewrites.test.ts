// Every rewrite on every case of its rule: the result compiles, the finding is gone, nothing new is found, and
// there is nothing left for the same rewrite to do.
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import type { Finding } from "../src/findings/finding.ts";
import { applyEdits, type TextFix } from "../src/fixes/fix.ts";
import { rewritesFor } from "../src/fixes/rewrite/rewritesFor.ts";
import { rewrites } from "../src/fixes/rewrite/table.ts";
import { added, compileErrors, python, tally } from "./fixesHarness.ts";
import { type RuleCase, readCases } from "./ruleCases.ts";

const fixtures = path.resolve(import.meta.dirname, "../../fixtures");
const casesOf = (rule: string) =>
  ["rules", "rewrites"].flatMap((folder) => readCases(path.join(fixtures, folder, `${rule}.py`)));
const mark = /^\s*# *(\^+|<-+) [a-z0-9-]+(: (proven|likely|exposed))?\s*$/;

/** The case as a person would have it in the editor, without the marks. */
function withoutMarks(fixture: RuleCase): Map<string, string> {
  return new Map(
    [...fixture.files].map(([file, text]) => [
      file,
      text
        .split("\n")
        .filter((line) => !mark.test(line))
        .join("\n"),
    ]),
  );
}

interface Applied {
  readonly finding: Finding;
  readonly fix: TextFix;
  readonly before: readonly Finding[];
  readonly after: readonly Finding[];
  readonly text: string;
}

async function applyAll(rule: string, fixture: RuleCase): Promise<Applied[]> {
  const workspace = await Workspace.create(fixture.options);
  for (const [file, text] of withoutMarks(fixture)) workspace.update(file, text);
  const before = workspace.allFindings();
  const results: Applied[] = [];
  for (const finding of before.filter((f) => f.rule === rule)) {
    const tree = workspace.tree(finding.path)!;
    for (const fix of rewritesFor(finding, tree, fixture.options.target)) {
      if (fix.disabled !== undefined) {
        expect(fix.edits).toEqual([]);
        continue;
      }
      const original = workspace.text(finding.path)!;
      const text = applyEdits(original, fix.edits);
      workspace.update(finding.path, text);
      const after = workspace.allFindings();
      results.push({ finding, fix, before, after, text });
      workspace.update(finding.path, original);
    }
  }
  return results;
}

describe.each(Object.keys(rewrites))("%s", (rule) => {
  test("each rewrite of its cases compiles, takes the finding away and brings no other", async () => {
    const applied = (await Promise.all(casesOf(rule).map((c) => applyAll(rule, c)))).flat();
    if (rule !== "unused-suppression") expect(applied.length, "cases with a rewrite").toBeGreaterThan(0);
    for (const { finding, fix, before, after, text } of applied) {
      const key = `${finding.rule} ${finding.symbol} ${finding.function}`;
      expect.soft(tally(after).get(key) ?? 0, `${fix.title}\n${text}`).toBeLessThan(tally(before).get(key)!);
      expect.soft(added(before, after), `${fix.title}\n${text}`).toEqual([]);
      expect.soft(text, "tabs, blanks at line ends").not.toMatch(/[ \t]+\n/);
    }
    for (const build of ["3.13", "3.13t"] as const) {
      if (python(build) === undefined) continue;
      const errors = await compileErrors(
        applied.map(({ text }) => text),
        build,
      );
      expect(
        applied.filter((_, i) => errors[i] !== null).map(({ text }, i) => `${errors[i]}\n${text}`),
      ).toEqual([]);
    }
  });

  test("one after the other, they come to an end", async () => {
    for (const fixture of casesOf(rule)) {
      const workspace = await Workspace.create(fixture.options);
      for (const [file, text] of withoutMarks(fixture)) workspace.update(file, text);
      const next = () =>
        workspace
          .allFindings()
          .filter((finding) => finding.rule === rule)
          .flatMap((finding) =>
            rewritesFor(finding, workspace.tree(finding.path)!, fixture.options.target)
              .filter((fix) => fix.disabled === undefined)
              .map((fix) => ({ path: finding.path, fix })),
          )[0];
      let rounds = 0;
      for (let found = next(); found !== undefined; found = next(), rounds += 1) {
        expect(rounds, workspace.text(found.path)).toBeLessThan(10);
        workspace.update(found.path, applyEdits(workspace.text(found.path)!, found.fix.edits));
      }
    }
  });
});
