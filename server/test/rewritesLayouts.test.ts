// The rewrites in other layouts: tabs, two blanks and CRLF change nothing but tabs, blanks and CRLF.
import path from "node:path";
import { describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import type { TextFix } from "../src/fixes/fix.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { rewritesFor } from "../src/fixes/rewrite/rewritesFor.ts";
import { rewrites } from "../src/fixes/rewrite/table.ts";
import { type RuleCase, readCases } from "./ruleCases.ts";

const fixtures = path.resolve(import.meta.dirname, "../../fixtures");

const layouts: Readonly<Record<string, (text: string) => string>> = {
  tabs: (text) => text.replace(/^( {4})+/gm, (blanks) => "\t".repeat(blanks.length / 4)),
  "two blanks": (text) => text.replace(/^( {4})+/gm, (blanks) => "  ".repeat(blanks.length / 4)),
  CRLF: (text) => text.replaceAll("\n", "\r\n"),
};

/** Every rewrite of every finding of the rule: title and result. */
async function results(rule: string, { options, files }: RuleCase, layout: (text: string) => string) {
  const workspace = await Workspace.create(options);
  for (const [file, text] of files) workspace.update(file, layout(text));
  return workspace
    .allFindings()
    .filter((finding) => finding.rule === rule)
    .flatMap((finding) =>
      rewritesFor(finding, workspace.tree(finding.path)!, options.target).map((fix: TextFix) => ({
        title: fix.title,
        text: applyEdits(workspace.text(finding.path)!, fix.edits),
      })),
    );
}

describe.each(Object.entries(layouts))("%s", (_, layout) => {
  test.each(Object.keys(rewrites))("%s", async (rule) => {
    for (const folder of ["rules", "rewrites"]) {
      for (const fixture of readCases(path.join(fixtures, folder, `${rule}.py`))) {
        // Marks are comments in odd places; a fixture whose strings go over lines cannot be laid out by its lines.
        if ([...fixture.files.values()].some((text) => text.includes('"""') && text.includes("\\"))) continue;
        const plain = await results(rule, fixture, (text) => text);
        const laidOut = await results(rule, fixture, layout);
        expect(laidOut).toEqual(plain.map(({ title, text }) => ({ title, text: layout(text) })));
      }
    }
  });
});
