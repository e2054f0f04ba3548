// The pages of the rules are tests: sections in order, and examples that behave as they say.
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { ruleIndex } from "../../scripts/ruleIndex.ts";
import { ruleCatalogue } from "../src/analysis/ruleCatalogue.ts";
import { Workspace } from "../src/analysis/workspace.ts";
import type { AnalysisOptions } from "../src/findings/options.ts";
import { importRules } from "../src/imports/importRules.ts";

it("keeps the index equal to the rules (node scripts/run.mjs scripts/writeRuleIndex.ts)", () => {
  const index = readFileSync(path.resolve(import.meta.dirname, "../../docs/rules/README.md"), "utf8");
  expect(index).toBe(ruleIndex());
});

const sections = [
  "What it finds",
  "Why it matters without the GIL",
  "How two threads meet",
  "Example",
  "How to fix",
  "When to ignore it",
  "References",
];

/** The first line may name a target, `# bad [3.15]`; further files begin with `# --- name.py`, as in fixtures. */
async function rulesFoundIn(code: string, concurrency: AnalysisOptions["concurrency"]): Promise<string[]> {
  const target = (/^# \w+ \[(3\.1[345])\]/.exec(code)?.[1] ?? "3.13") as AnalysisOptions["target"];
  const workspace = await Workspace.create({ concurrency, target, preview: true });
  const [main, ...others] = code.split(/^# --- (\S+\.py)$/m);
  workspace.update("/example.py", main!);
  for (let i = 0; i < others.length; i += 2) workspace.update(`/${others[i]}`, others[i + 1]!);
  return workspace.allFindings().map((finding) => finding.rule);
}

describe.each(ruleCatalogue.map((meta) => [meta.name, meta] as const))("%s", (name, meta) => {
  const file = path.resolve(import.meta.dirname, `../../docs/rules/${name}.md`);
  const page = existsSync(file) ? readFileSync(file, "utf8") : "";
  const blocks = [...page.matchAll(/```python\n([\s\S]*?)```/g)].map((m) => m[1]!);

  it("has its title, its summary and all sections in order", () => {
    expect(page).toContain(`# ${name}\n`);
    expect(page).toContain(meta.summary);
    expect([...page.matchAll(/^## (.*)$/gm)].map((m) => m[1])).toEqual(sections);
  });

  // Rules about imports need an environment: imports.test.ts makes one and tries their pages. builds.test.ts tries those
  // about builds, whose examples are no Python.
  it.skipIf(importRules.includes(meta) || meta.family === "builds")(
    "has bad examples that are found and good ones that are not",
    async () => {
      const bad = blocks.filter((b) => b.startsWith("# bad"));
      const good = blocks.filter((b) => b.startsWith("# good"));
      expect(bad.length, `blocks starting with "# bad" in docs/rules/${name}.md`).toBeGreaterThan(0);
      expect(good.length, `blocks starting with "# good" in docs/rules/${name}.md`).toBeGreaterThan(0);
      for (const code of bad) expect(await rulesFoundIn(code, "library")).toContain(name);
      for (const code of good) expect(await rulesFoundIn(code, "library")).toEqual([]);
    },
  );
});
