/** The audit of build files: the pages of its rules, and the projects in fixtures/builds. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it, test } from "vitest";
import { BuildInspector } from "../src/builds/inspector.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { fixtures, inspect, projectFiles, told } from "./buildProjects.ts";

const pages = resolve(import.meta.dirname, "../../docs/rules");

/** Examples of a page by what their first line says of them: bad, good, or a file that goes with both. */
function examplesOf(rule: string): { kind: string; name: string; text: string }[] {
  const page = readFileSync(join(pages, `${rule}.md`), "utf8");
  return [...page.matchAll(/```\w+\n(?:#|\/\/|REM) (bad|good|with): (\S+)\n([\s\S]*?)```/g)].map((match) => ({
    kind: match[1]!,
    name: match[2]!,
    text: match[3]!,
  }));
}

describe.each([...BuildInspector.rules.keys()])("the page of %s", (rule) => {
  const examples = examplesOf(rule);
  const others = Object.fromEntries(
    examples.filter(({ kind }) => kind === "with").map((one) => [one.name, one.text]),
  );
  const found = (kind: string) =>
    examples
      .filter((one) => one.kind === kind)
      .map(({ name, text }) => inspect({ ...others, [name]: text }).map((it) => it.rule));

  it("has bad examples that are found and good ones that are not", () => {
    expect(found("bad").length).toBeGreaterThan(0);
    expect(found("good").length).toBeGreaterThan(0);
    for (const rules of found("bad")) expect(rules).toContain(rule);
    for (const rules of found("good")) expect(rules).toEqual([]);
  });

  it("offers repairs that take the finding away", () => {
    for (const { name, text } of examples.filter(({ kind }) => kind === "bad")) {
      const findings = inspect({ ...others, [name]: text }).filter((finding) => finding.rule === rule);
      for (const fix of findings.flatMap((finding) => finding.fixes)) {
        const repaired = inspect({ ...others, [name]: applyEdits(text, fix.edits) });
        expect(
          repaired.map((finding) => finding.rule),
          fix.title,
        ).not.toContain(rule);
      }
    }
  });
});

/** Marks in fixtures: a comment with `finds:` and the rules found in the line below it, or with `finds here:`. */
function marksIn(files: Readonly<Record<string, string>>): string[] {
  return Object.entries(files).flatMap(([name, text]) =>
    text.split("\n").flatMap((line, i) => {
      const mark = /(?:#|\/\/|\/\*)\s*finds( here)?: ([\w-]+(?:, [\w-]+)*)/.exec(line);
      const at = mark?.[1] === undefined ? i + 2 : i + 1;
      return mark?.[2]?.split(", ").map((rule) => `${name}:${at} ${rule}`) ?? [];
    }),
  );
}

describe("projects", () => {
  const names = readdirSync(fixtures);
  test.each(names)("%s: what the marks say is found, and nothing else", (name) => {
    const files = projectFiles(name);
    expect(told(inspect(files)).sort()).toEqual(marksIn(files).sort());
  });

  test("every rule is found in one of them", () => {
    const found = new Set(names.flatMap((name) => inspect(projectFiles(name)).map(({ rule }) => rule)));
    expect([...BuildInspector.rules.keys()].filter((rule) => !found.has(rule))).toEqual([]);
  });
});

test("comments silence in every language, for their line or the next", () => {
  const bad = "PYBIND11_MODULE(a, m) {}";
  const head = "#include <pybind11/pybind11.h>\n";
  expect(told(inspect({ "a.cpp": `${head}${bad}\n` }))).toEqual(["a.cpp:2 pybind11-not-opted-in"]);
  expect(
    inspect({ "a.cpp": `${head}${bad} // threadproof: ignore[pybind11-not-opted-in] reason\n` }),
  ).toEqual([]);
  expect(inspect({ "a.cpp": `${head}/* threadproof: ignore */\n${bad}\n` })).toEqual([]);
  expect(inspect({ "a.cpp": `${head}// threadproof: ignore[gil-forced-off]\n${bad}\n` }).length).toBe(1);
});

test("half-typed and hostile files end without findings or faults", () => {
  for (const text of [
    "",
    "\0",
    "{".repeat(5000),
    "[",
    "#if\n#else\n#elif\n#endif\n#endif",
    '"',
    "/*",
    "'",
    "=[[",
  ]) {
    for (const name of [
      "pyproject.toml",
      "setup.py",
      "setup.cfg",
      "m.c",
      "CMakeLists.txt",
      "meson.build",
      "Cargo.toml",
      "src/lib.rs",
      "a.yml",
      "Dockerfile",
    ]) {
      expect(
        inspect({ [name]: text, "x.c": "#include <Python.h>\nPyMODINIT_FUNC PyInit_x(void) {" }),
      ).toEqual([]);
    }
    expect(() => inspect({ "m.pyx": text })).not.toThrow();
  }
});
