// [tool.threadproof] in pyproject.toml: what it changes, what is wrong with it and where, and who has the last word.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { ruleNames } from "../src/analysis/ruleCatalogue.ts";
import { Configurations } from "../src/configuration/configurations.ts";
import { readConfiguration } from "../src/configuration/readConfiguration.ts";
import { keyNames } from "../src/configuration/schema.ts";
import { defaultOptions } from "../src/findings/options.ts";
import { ProjectFolder, racyCounter } from "./commandLine.ts";

const path = "/project/pyproject.toml";

function problemsOf(...lines: string[]): string[] {
  const text = lines.join("\n");
  return readConfiguration(path, text, ruleNames).problems.map(
    ({ severity, message, range }) =>
      `${range.startLine + 1}:${range.startColumn + 1} ${severity} ${text.slice(range.start, range.end)}: ${message}`,
  );
}

describe("what is wrong stands in its place", () => {
  test.each([
    [
      "a type",
      ["[tool.threadproof]", 'select = "lock-reacquired"'],
      ['2:10 error "lock-reacquired": Expected a list of rule names: ["…"].'],
    ],
    [
      "a value",
      ["[tool.threadproof]", 'target-version = "3.12"'],
      ['2:18 error "3.12": Expected one of "3.13", "3.14", "3.15".'],
    ],
    [
      "an element",
      ["[tool.threadproof]", "ignore = [", '  "lock-reacquired",', "  3,", "]"],
      ["4:3 error 3: Expected rule name in quotes."],
    ],
    [
      "a rule",
      ["[tool.threadproof]", 'select = ["lock-reaquired"]'],
      ['2:11 warning "lock-reaquired": There is no rule `lock-reaquired`; did you mean `lock-reacquired`?'],
    ],
    [
      "a key",
      ["[tool.threadproof]", 'concurency = "auto"'],
      ["2:1 warning concurency: There is no setting `concurency`; did you mean `concurrency`?"],
    ],
    [
      "a key in a table of its own",
      ["[tool.threadproof.severty]", 'lock-reacquired = "off"'],
      ["1:19 warning severty: There is no setting `severty`; did you mean `severity`?"],
    ],
    [
      "a rule in a dotted key",
      ["[tool]", 'threadproof.severity.lock-reaquired = "off"'],
      ["2:22 warning lock-reaquired: There is no rule `lock-reaquired`; did you mean `lock-reacquired`?"],
    ],
    [
      "a severity in an inline table",
      ["[tool.threadproof]", 'severity = { lock-reacquired = "fatal" }'],
      ['2:32 error "fatal": Expected one of "error", "warning", "information", "hint", "off".'],
    ],
    [
      "a rule for some files",
      ["[tool.threadproof.per-file-ignores]", '"tests/**" = ["all"]'],
      ['2:15 warning "all": There is no rule `all`.'],
    ],
    [
      "the whole table",
      ["[tool]", "threadproof = 3"],
      ["2:15 error 3: Expected a table: [tool.threadproof]."],
    ],
    [
      "broken syntax",
      ["[tool.threadproof]", "select = ["],
      ["2:11 error : This is not valid TOML: Unspecified values are invalid."],
    ],
    [
      "a key given twice",
      ["[tool.threadproof]", "preview = true", "preview = false"],
      ["3:1 error p: This is not valid TOML: Defining a key multiple times is invalid."],
    ],
  ])("%s", (_, lines, expected) => {
    expect(problemsOf(...lines)).toEqual(expected);
  });

  test("other people's tables, and broken files that do not mention us, are none of our business", () => {
    expect(problemsOf("[tool.ruff]", 'select = "E"')).toEqual([]);
    expect(problemsOf("[tool.ruff", "select")).toEqual([]);
  });

  test("a byte order mark is no fault", () => {
    expect(problemsOf("\uFEFF[tool.threadproof]", "preview = true")).toEqual([]);
  });
});

describe("the documentation", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/configuration.md"), "utf8");

  test("shows a configuration that is right", () => {
    const [example] = /(?<=```toml\n)[^`]+/.exec(page)!;
    const { configuration, problems } = readConfiguration(path, example, ruleNames);
    expect(problems).toEqual([]);
    expect(configuration!.optionsFor("/project/tests/a/b.py", {}, defaultOptions)).toEqual({
      target: "3.14",
      concurrency: "library",
      preview: true,
      ignore: ["torn-attributes", "mutable-class-default", "mutable-default-argument", "sleep-holding-lock"],
      severity: { "lock-reacquired": "warning" },
      knownSafe: ["billiard.Ledger", "app.metrics.increment"],
    });
  });

  test("explains every key", () => {
    const explained = [...page.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, key]) => key);
    expect(explained.sort()).toEqual([...keyNames].sort());
  });
});

describe("what is in force", () => {
  const files = new Map([
    [path, '[tool.threadproof]\nconcurrency = "library"\nignore = ["lock-reacquired"]\n'],
    ["/project/plain/pyproject.toml", "[project]\n"],
    ["/project/inner/pyproject.toml", '[tool.threadproof]\ntarget-version = "3.14"\n'],
  ]);
  const configurations = () => new Configurations(ruleNames, (file) => files.get(file));
  const optionsOf = (file: string, over = {}) => configurations().optionsFor(file, over, defaultOptions);

  test("the nearest file that has a table of ours, as a whole", () => {
    expect(optionsOf("/project/a/b.py").concurrency).toBe("library");
    expect(optionsOf("/project/plain/b.py").concurrency).toBe("library");
    expect(optionsOf("/project/inner/x/b.py")).toEqual({ concurrency: "auto", target: "3.14" });
    expect(optionsOf("/elsewhere/b.py")).toEqual(defaultOptions);
  });

  test("the command line before the file, the file before what the editor says", () => {
    expect(optionsOf("/project/b.py", { concurrency: "off" }).concurrency).toBe("off");
    expect(optionsOf("/project/b.py", { select: ["lock-reacquired"] }).ignore).toBeUndefined();
    const settings = { concurrency: "off", target: "3.15" } as const;
    expect(configurations().optionsFor("/project/b.py", {}, settings)).toMatchObject({
      concurrency: "library",
      target: "3.15",
    });
  });

  test("a file with errors leaves in force what it said before, until it is right again", () => {
    const texts = new Map(files);
    const live = new Configurations(ruleNames, (file) => texts.get(file));
    const concurrency = () => live.optionsFor("/project/b.py", {}, defaultOptions).concurrency;
    expect(concurrency()).toBe("library");
    for (const [text, expected, problems] of [
      ["[tool.threadproof]\nconcurrency = ", "library", 1],
      ['[tool.threadproof]\nconcurrency = "of"', "library", 1],
      ['[tool.threadproof]\nconcurrency = "off"', "off", 0],
      ["[project]", "auto", 0],
    ] as const) {
      texts.set(path, text);
      live.changed(path);
      expect(concurrency()).toBe(expected);
      expect(live.problemsIn(path)).toHaveLength(problems);
    }
  });
});

describe("the command line", () => {
  let project: ProjectFolder;
  afterEach(() => project.remove());
  const finding = "global-read-modify-write warning";
  const make = async (...table: string[]) => {
    project = await ProjectFolder.create({
      "pyproject.toml": ["[tool.threadproof]", ...table].join("\n"),
      "app.py": racyCounter,
      "tests/case.py": racyCounter,
      "tests/deep/case.py": racyCounter,
    });
  };

  test("severities decide over the exit code, and off means off", async () => {
    await make("[tool.threadproof.severity]", 'global-read-modify-write = "hint"');
    expect(await project.check("app.py")).toMatchObject({
      code: 0,
      found: ["app.py:8 global-read-modify-write hint"],
    });
    await project.write({
      "pyproject.toml": '[tool.threadproof]\nseverity.global-read-modify-write = "off"\n',
    });
    expect(await project.check("app.py")).toMatchObject({ code: 0, found: [] });
    expect((await project.check("--no-config", "app.py")).found).toEqual([`app.py:8 ${finding}`]);
    expect((await project.check("--select", "global-read-modify-write", "app.py")).found).toEqual([
      `app.py:8 ${finding}`,
    ]);
  });

  test("per-file-ignores and exclude speak of paths from the file's folder, wherever the check starts", async () => {
    await make(
      'exclude = ["deep/"]',
      "[tool.threadproof.per-file-ignores]",
      '"tests/*.py" = ["global-read-modify-write"]',
    );
    expect((await project.check(".")).found).toEqual([`app.py:8 ${finding}`]);
    expect((await project.runIn("tests", "check", "../app.py", ".")).stdout).toContain(
      "1 finding in 2 files.",
    );
    // A file that is named is checked all the same.
    expect((await project.check("tests/deep/case.py")).found).toEqual([`tests/deep/case.py:8 ${finding}`]);
  });

  test("select, ignore and the flags over them", async () => {
    await make('select = ["lock-reacquired"]');
    expect((await project.check("app.py")).found).toEqual([]);
    await make('ignore = ["global-read-modify-write"]');
    expect((await project.check("app.py")).found).toEqual([]);
    expect((await project.check("--ignore", "lock-reacquired", "app.py")).found).toEqual([
      `app.py:8 ${finding}`,
    ]);
    expect((await project.run("check", "--ignore", "lock-reaquired", "app.py")).stderr).toContain(
      "did you mean lock-reacquired?",
    );
  });

  test("errors end the run and say where; warnings do not", async () => {
    await make('target-version = "3.12"', "preview = 1");
    const wrong = await project.run("check", "app.py");
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stdout).toBe("");
    expect(wrong.stderr.split("\n")).toEqual([
      'threadproof: pyproject.toml:2:18: Expected one of "3.13", "3.14", "3.15".',
      "threadproof: pyproject.toml:3:11: Expected true or false.",
    ]);
    await make('selct = ["lock-reacquired"]');
    const { code, stderr } = await project.check("app.py");
    expect(code).toBe(1);
    expect(stderr).toBe(
      "threadproof: pyproject.toml:2:1: There is no setting `selct`; did you mean `select`?",
    );
  });
});
