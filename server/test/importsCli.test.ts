/** `threadproof imports` and the import findings of `threadproof check`, as built. */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { declared, TestEnvironment, undeclared } from "./importEnvironments.ts";

const cli = resolve(import.meta.dirname, "../../dist/cli.js");
let machine: TestEnvironment;

const threadproof = (folder: string, ...args: string[]) =>
  execa(process.execPath, [cli, ...args], {
    cwd: join(machine.folder, folder),
    reject: false,
    env: { NO_COLOR: "1", VIRTUAL_ENV: "", THREADPROOF_CACHE: join(machine.folder, "cache") },
  });

beforeAll(async () => {
  machine = await TestEnvironment.create();
  await machine.install("fast", "1.5", { "fast/__init__.py": "from . import _c\n", "fast/_c": undeclared });
  await machine.install("sound", "1.0", { "sound/__init__.py": "from . import _c\n", "sound/_c": declared });
  await machine.write(machine.folder, {
    "good/app.py": "import os\nimport sound\nfrom helper import x\n",
    "good/helper.py": "x = 1\n",
    "bad/app.py": "import os\nimport sound\n\nimport fast\n",
    "bad/pyproject.toml": '[project]\nname = "bad"\ndependencies = [\n  "fast",\n]\n',
    "optional/app.py": "try:\n    import psycopg2\nexcept ImportError:\n    psycopg2 = None\n",
  });
  const bare = join(machine.folder, "bare");
  await mkdir(join(bare, ".git"), { recursive: true });
  await writeFile(join(bare, "app.py"), "import psycopg2\n");
});
afterAll(() => machine.remove());

const contract = z.object({
  version: z.literal(1),
  modules: z.array(
    z.object({
      import: z.string(),
      distribution: z.string().nullable(),
      distributionVersion: z.string().nullable(),
      verdict: z.enum([
        "stdlib",
        "pure",
        "keeps-gil-off",
        "enables-gil",
        "no-free-threaded-build",
        "unknown",
      ]),
      evidence: z.array(z.object({ source: z.enum(["probe", "binary", "data", "tag"]), detail: z.string() })),
      chain: z.array(z.string()).min(1),
    }),
  ),
});

describe("imports", () => {
  test("exits 0 while the GIL stays off, and finds the project's own .venv", async () => {
    const { exitCode, stdout } = await threadproof("good", "imports", "--format", "json", ".");
    const report = contract.parse(JSON.parse(stdout));
    expect(report.modules.map((one) => [one.import, one.verdict])).toEqual([
      ["os", "stdlib"],
      ["sound", "keeps-gil-off"],
    ]);
    expect(exitCode).toBe(0);
  });

  test("exits 1 when an import switches it on, and says which file and what the chain is", async () => {
    const json = await threadproof("bad", "imports", "--format", "json", "app.py");
    const report = contract.parse(JSON.parse(json.stdout));
    expect(report.modules.find((one) => one.import === "fast")).toMatchObject({
      distribution: "fast",
      distributionVersion: "1.5",
      verdict: "enables-gil",
      evidence: [{ source: "binary" }],
      chain: ["fast", "fast._c"],
    });
    const text = await threadproof("bad", "imports", "app.py");
    expect(text.stdout).toMatch(/fast → fast\._c/);
    expect(text.stdout).toMatch(/The GIL does not stay off on 3\.13t\./);
    expect([json.exitCode, text.exitCode]).toEqual([1, 1]);
  });

  test("asks the real interpreter with --probe", async () => {
    const { stdout, exitCode } = await threadproof(
      "bad",
      "imports",
      "--probe",
      "--format",
      "json",
      "--python",
      machine.python,
      ".",
    );
    const report = contract.parse(JSON.parse(stdout));
    const sources = report.modules.map((one) => [one.import, one.verdict, one.evidence[0]?.source]);
    expect(sources).toEqual([
      ["fast", "enables-gil", "probe"],
      ["os", "stdlib", undefined],
      ["sound", "keeps-gil-off", "probe"],
    ]);
    expect(exitCode).toBe(1);
  });

  test("imports that are made do without do not count, unknown ones only when asked", async () => {
    expect((await threadproof("optional", "imports", ".")).exitCode).toBe(0);
    const unknown = ["imports", "--module", "never_heard_of_this"];
    expect((await threadproof("good", ...unknown)).exitCode).toBe(0);
    expect((await threadproof("good", ...unknown, "--fail-on-unknown")).exitCode).toBe(1);
  });

  test.each([
    [["imports", "--python", "/not/there/python", "."], "/not/there/python"],
    [["imports", "not-there.py"], "no such file"],
    [["imports", "--probe", "--target", "3.14", "."], "--probe needs a free-threaded interpreter"],
    [["data", "refresh"], "missing required argument"],
  ])("exits 2 with one message: %j", async (args, message) => {
    const { exitCode, stderr } = await threadproof("good", ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(stderr.trim().split("\n").length).toBe(1);
  });
});

describe("check", () => {
  test("reports imports and dependencies by the project's environment", async () => {
    const { stdout, exitCode } = await threadproof("bad", "check", "--format", "json", ".");
    const { findings } = JSON.parse(stdout) as {
      findings: { path: string; startLine: number; rule: string }[];
    };
    expect(findings.map(({ path, startLine, rule }) => [path, startLine, rule])).toEqual([
      ["app.py", 4, "import-enables-gil"],
      ["pyproject.toml", 4, "import-enables-gil"],
    ]);
    expect(exitCode).toBe(1);
    const selected = await threadproof("bad", "check", "--ignore", "import-enables-gil", ".");
    expect(selected.exitCode).toBe(0);
  });

  test("says nothing of imports where there is no environment", async () => {
    const { stdout, exitCode } = await threadproof("bare", "check", "--format", "json", ".");
    expect([JSON.parse(stdout).findings, exitCode]).toEqual([[], 0]);
  });
});
