// Baselines: known findings stay quiet while code moves around them, new ones are told, fixed ones counted.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ProjectFolder, racyCounter } from "./commandLine.ts";

let project: ProjectFolder;

beforeEach(async () => {
  project = await ProjectFolder.create({ "src/app.py": racyCounter, "src/other.py": racyCounter });
});
afterEach(() => project.remove());

const write = () => project.run("check", "--write-baseline", "known.json", "src");
const check = (...args: string[]) => project.check("--baseline", "known.json", ...args);

test("writes what it knows: sorted, relative, one line for each", async () => {
  expect(await write()).toMatchObject({
    exitCode: 0,
    stdout: "No findings in 2 files, 2 known from the baseline.",
  });
  const text = await project.read("known.json");
  const entry = (name: string) =>
    `    {"path":"src/${name}","rule":"global-read-modify-write","symbol":"count","function":"work","statement":"5f1a2c","count":1}`;
  expect(text.replace(/"statement":"[0-9a-f]{12}"/g, '"statement":"5f1a2c"')).toBe(
    `{\n  "version": 1,\n  "findings": [\n${entry("app.py")},\n${entry("other.py")}\n  ]\n}\n`,
  );
});

test("known findings stay quiet when lines move, indentation changes and the check starts elsewhere", async () => {
  await write();
  const moved = `# a line\n\n${racyCounter.replaceAll("    ", "\t")}`;
  await project.write({ "src/app.py": moved.replace("count += 1", "count  +=  1") });
  expect(await check("src")).toMatchObject({
    code: 0,
    found: [],
    summary: { baseline: { known: 2, fixed: 0 } },
  });
  const inside = await project.runIn("src", "check", "--baseline", "../known.json", ".");
  expect(inside).toMatchObject({ exitCode: 0, stdout: "No findings in 2 files, 2 known from the baseline." });
});

test("a second one like a known one is new, and the first is taken to be the known one", async () => {
  await write();
  await project.write({
    "src/app.py": racyCounter.replace("    count += 1\n", "    count += 1\n    count += 1\n"),
  });
  const { code, found } = await check("src");
  expect(code).toBe(1);
  expect(found).toEqual(["src/app.py:9 global-read-modify-write warning"]);
});

test("a changed statement is new and its old self fixed", async () => {
  await write();
  await project.write({ "src/app.py": racyCounter.replace("count += 1", "count += 2") });
  const { found, summary, stderr } = await check("src");
  expect(found).toEqual(["src/app.py:8 global-read-modify-write warning"]);
  expect(summary.baseline).toEqual({ known: 1, fixed: 1 });
  expect(stderr).toBe("threadproof: known findings that are fixed: 1; --update-baseline takes them out");
});

describe("updating", () => {
  test("takes fixed findings out, new ones in, and leaves files alone that were not checked", async () => {
    await write();
    const before = await project.read("known.json");
    await project.write({ "src/app.py": racyCounter.replace("count += 1", "count += 2") });
    await project.run("check", "--baseline", "known.json", "--update-baseline", "src/app.py");
    const after = await project.read("known.json");
    const changed = after.split("\n").filter((line) => !before.includes(line));
    expect(changed).toHaveLength(1);
    expect(changed[0]).toContain("src/app.py");
    expect((await check("src")).summary.baseline).toEqual({ known: 2, fixed: 0 });
  });

  test("forgets files that are gone", async () => {
    await write();
    await project.remove("src/other.py");
    expect((await check("src")).summary.baseline).toEqual({ known: 1, fixed: 1 });
    await project.run("check", "--baseline", "known.json", "--update-baseline", "src");
    expect(await project.read("known.json")).not.toContain("other.py");
  });

  test("of a clean project gives an empty one", async () => {
    await project.write({ "src/app.py": "", "src/other.py": "" });
    await write();
    expect(await project.read("known.json")).toBe('{\n  "version": 1,\n  "findings": []\n}\n');
  });
});

test("pyproject.toml can name it, from its own folder", async () => {
  await project.write({
    "pyproject.toml": '[tool.threadproof]\nbaseline = "ci/known.json"\n',
    "ci/.keep": "",
  });
  const missing = await project.run("check", "src");
  expect(missing.exitCode).toBe(2);
  expect(missing.stderr).toContain("there is no such baseline; --write-baseline makes one");
  expect((await project.run("check", "--update-baseline", "src")).exitCode).toBe(0);
  expect(await project.read("ci/known.json")).toContain('"path":"../src/app.py"');
  expect(await project.check("src")).toMatchObject({ code: 0, found: [] });
});

test.each([
  ["no JSON", "{", /is not JSON/],
  ["another version", '{"version":2,"findings":[]}', /no baseline of this version: version/],
  ["an entry without its rule", '{"version":1,"findings":[{"path":"a"}]}', /findings\.0\.rule/],
])("refuses a file with %s", async (_, text, message) => {
  await project.write({ "known.json": text });
  const { exitCode, stderr } = await project.run("check", "--baseline", "known.json", "src");
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(message);
});

test("refuses to update nothing", async () => {
  const { exitCode, stderr } = await project.run("check", "--update-baseline", "src");
  expect(exitCode).toBe(2);
  expect(stderr).toBe(
    "threadproof: There is no baseline to update: name one with --baseline, or in pyproject.toml.",
  );
});
