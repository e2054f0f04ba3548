// The rewrites on code that is laid out in other ways: comments behind every line, continued lines, suites and statements
// that share a line, one more level. What is offered there compiles, takes the finding away and brings no other.
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { rewritesFor } from "../src/fixes/rewrite/rewritesFor.ts";
import { rewrites } from "../src/fixes/rewrite/table.ts";
import { added, compileErrors, tally } from "./fixesHarness.ts";
import { variations } from "./layoutVariations.ts";
import { readCases } from "./ruleCases.ts";

const fixtures = path.resolve(import.meta.dirname, "../../fixtures");
const mark = /^\s*# *(\^+|<-+) [a-z0-9-]+(: (proven|likely|exposed))?\s*$/;

const cases = Object.keys(rewrites).flatMap((rule) =>
  ["rules", "rewrites"]
    .map((folder) => path.join(fixtures, folder, `${rule}.py`))
    .filter((file) => existsSync(file))
    .flatMap((file) => readCases(file).map((one) => ({ rule, ...one }))),
);

interface Result {
  readonly name: string;
  readonly before: string;
  readonly after: string;
  readonly isGone: boolean;
  readonly added: readonly string[];
}

async function results(change: (text: string) => string): Promise<Result[]> {
  const found: Result[] = [];
  for (const { rule, title, options, files } of cases) {
    const workspace = await Workspace.create(options);
    for (const [file, text] of files) {
      const lines = text.split("\n").filter((line) => !mark.test(line));
      workspace.update(file, change(lines.join("\n")));
    }
    const before = workspace.allFindings();
    for (const finding of before.filter((one) => one.rule === rule)) {
      const text = workspace.text(finding.path)!;
      for (const fix of rewritesFor(finding, workspace.tree(finding.path)!, options.target)) {
        if (fix.disabled !== undefined) continue;
        const after = applyEdits(text, fix.edits);
        workspace.update(finding.path, after);
        const now = workspace.allFindings();
        workspace.update(finding.path, text);
        const key = `${rule} ${finding.symbol} ${finding.function}`;
        found.push({
          name: `${rule}: ${title}: ${fix.title}`,
          before: text,
          after,
          isGone: (tally(now).get(key) ?? 0) < tally(before).get(key)!,
          added: added(before, now),
        });
      }
    }
  }
  return found;
}

const others = variations.filter(({ name }) => !["plain", "crlf", "tabs"].includes(name));

describe.each(others)("$name", ({ change }) => {
  test("rewrites compile, take the finding away and bring no other", { timeout: 120_000 }, async () => {
    const all = await results(change);
    // What a variation itself has broken is no Python.
    const broken = await compileErrors(all.map(({ before }) => before));
    const valid = all.filter((_, i) => broken[i] === null);
    expect(valid.length).toBeGreaterThan(100);
    const errors = await compileErrors(valid.map(({ after }) => after));
    expect(valid.filter((_, i) => errors[i] !== null).map(({ name, after }) => `${name}\n${after}`)).toEqual(
      [],
    );
    expect(valid.filter(({ isGone }) => !isGone).map(({ name, after }) => `${name}\n${after}`)).toEqual([]);
    expect(
      valid.filter((one) => one.added.length > 0).map((one) => [one.name, one.added, one.after]),
    ).toEqual([]);
  });
});
