// Every rule is everywhere, and nothing is where no rule is: files, fixtures, pages, lists, settings.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, test } from "vitest";
import { newRuleFiles, placeholder } from "../../scripts/ruleTemplates.ts";
import { ruleCatalogue, ruleNames } from "../src/analysis/ruleCatalogue.ts";
import { importRules } from "../src/imports/importRules.ts";
import { catalogue } from "../src/rules/catalogue.ts";
import { precedence, rules } from "../src/rules/index.ts";
import { type DescribedRule, type Family, families } from "../src/rules/rule.ts";
import { casesIn } from "./ruleCases.ts";

const root = path.resolve(import.meta.dirname, "../..");
const folderOf = (family: Family) => family.replaceAll(" ", "-");
const folders = new Map(families.map((family) => [folderOf(family), family]));
const sorted = (names: Iterable<string>) => [...names].sort();

/** Folders beside the families': what several rules are made of, and where a lock goes. */
const rooms = ["shapes", "guard"];

/** Rule files, relative to the folder of all rules; camelCase is for what several rules of a family share. */
const ruleFiles = readdirSync(path.join(root, "server/src/rules"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !rooms.includes(entry.name))
  .flatMap(({ name }) =>
    readdirSync(path.join(root, "server/src/rules", name))
      .filter((file) => !/[A-Z]/.test(file))
      .map((file) => `${name}/${file}`),
  );

const basenames = (folder: string, extension: string) =>
  readdirSync(path.join(root, folder))
    .filter((file) => file.endsWith(extension) && file !== "README.md")
    .map((file) => file.slice(0, -extension.length));

test("every folder of rules is a family's", () => {
  const unknown = ruleFiles.filter((file) => !folders.has(path.dirname(file)));
  expect(
    unknown,
    "files outside the families' folders (server/src/rules/rule.ts lists the families)",
  ).toEqual([]);
});

test("the catalogue holds the rules of all rule files, each once (npm run rules)", async () => {
  const listed = new Set<DescribedRule>(catalogue);
  expect(listed.size).toBe(catalogue.length);
  const loaded: DescribedRule[] = [];
  for (const file of ruleFiles) {
    const module = (await import(`../src/rules/${path.dirname(file)}/${path.basename(file, ".ts")}.ts`)) as {
      default?: DescribedRule;
    };
    const rule = module.default;
    expect(rule?.meta.name, `name in server/src/rules/${file}`).toBe(path.basename(file, ".ts"));
    expect(rule!.meta.family, `family in server/src/rules/${file}`).toBe(folders.get(path.dirname(file)));
    expect(listed.has(rule!), `${file} is missing in catalogue.ts: npm run rules`).toBe(true);
    loaded.push(rule!);
  }
  expect(loaded.length).toBe(catalogue.length);
});

test("rules, fixtures, pages and the index are the same set", () => {
  // Rules about imports speak of environments, which no single file can show: imports.test.ts makes them.
  // Those about builds speak of projects: fixtures/builds holds them.
  const elsewhere = new Set([...importRules, ...ruleCatalogue.filter(({ family }) => family === "builds")]);
  const ofFiles = ruleCatalogue.filter((meta) => !elsewhere.has(meta)).map(({ name }) => name);
  expect(sorted(basenames("fixtures/rules", ".py")), "fixtures/rules").toEqual(sorted(ofFiles));
  expect(sorted(basenames("docs/rules", ".md")), "docs/rules").toEqual(sorted(ruleNames));
  const index = readFileSync(path.join(root, "docs/rules/README.md"), "utf8");
  const linked = [...index.matchAll(/\[([a-z0-9.-]+)\]\(\1\.md\)/g)].map((match) => match[1]!);
  expect(sorted(linked), "docs/rules/README.md: npm run rules").toEqual(sorted(ruleNames));
});

test("the order of precedence names access rules, each once", () => {
  const access = new Set(rules.map((rule) => rule.meta.name));
  expect(
    precedence.filter((name) => !access.has(name)),
    "no access rule has this name",
  ).toEqual([]);
  expect(new Set(precedence).size).toBe(precedence.length);
});

test("settings that enumerate rules enumerate all of them", () => {
  const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const known = new Set(ruleNames);
  const lists: string[][] = [];
  const visit = (value: unknown) => {
    if (typeof value !== "object" || value === null) return;
    const names = Array.isArray(value)
      ? value.filter((item) => typeof item === "string")
      : Object.keys(value);
    if (names.some((name) => known.has(name))) lists.push(names);
    Object.values(value).forEach(visit);
  };
  visit(manifest.contributes);
  for (const list of lists) expect(sorted(list)).toEqual(sorted(ruleNames));
});

test("no rule has places left to fill in", () => {
  const open: string[] = [];
  for (const { meta } of catalogue) {
    const files = [
      `server/src/rules/${folderOf(meta.family)}/${meta.name}.ts`,
      ...(meta.family === "builds" ? [] : [`fixtures/rules/${meta.name}.py`]),
      `docs/rules/${meta.name}.md`,
    ];
    for (const file of files) {
      const lines = readFileSync(path.join(root, file), "utf8").split("\n");
      lines.forEach((line, i) => {
        if (line.includes(placeholder)) open.push(`${file}:${i + 1} ${line.trim()}`);
      });
    }
  }
  expect(open).toEqual([]);
});

describe.each(["access", "file"] as const)("a new rule about one %s", (kind) => {
  const files = newRuleFiles("borrowed-umbrella", "GIL-reliant idioms", kind);

  it("has its three files in their places, none of them filled in", () => {
    expect([...files.keys()]).toEqual([
      "server/src/rules/GIL-reliant-idioms/borrowed-umbrella.ts",
      "fixtures/rules/borrowed-umbrella.py",
      "docs/rules/borrowed-umbrella.md",
    ]);
    for (const text of files.values()) expect(text).toContain(placeholder);
  });

  it("has neither a case nor an example that could pass", () => {
    const [, fixture = "", page = ""] = [...files.values()];
    expect(casesIn(fixture)).toEqual([]);
    expect(page).not.toMatch(/```python/);
  });
});
