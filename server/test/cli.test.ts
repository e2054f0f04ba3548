// The built command line on real files: formats, exit codes, and what it does with unusual input.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";

const cli = resolve(import.meta.dirname, "../../dist/cli.js");
const { version } = await import("../../package.json");

const racy = `import threading

count = 0


def work():
    global count
    count += 1


for _ in range(2):
    threading.Thread(target=work).start()
`;

let folder: string;

const threadproof = (...args: string[]) =>
  execa(process.execPath, [cli, ...args], { cwd: folder, reject: false, env: { NO_COLOR: "1" } });

async function write(files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, content);
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "threadproof-cli-"));
  await write({
    "racy.py": racy,
    "clean.py": "import threading\n\nlock = threading.Lock()\n",
    "latin.py": Buffer.from(`# coding: latin-1\n# gr\u00fcn\n${racy}`, "latin1"),
    "invalid.py": Buffer.concat([Buffer.from("# "), Buffer.from([0xe9, 0xff]), Buffer.from(`\n${racy}`)]),
    "marked.py": Buffer.from(`\uFEFF${racy}`),
    "windows.py": racy.replaceAll("\n", "\r\n"),
    "huge.py": Buffer.alloc(10_000_001, "#"),
    "broken.py": `def unfinished(:\n    pass\n\n${racy}`,
    "program/counter.py": "count = 0\n\n\ndef bump():\n    global count\n    count += 1\n",
    "program/main.py":
      "import threading\nimport counter\n\nthreading.Thread(target=counter.bump).start()\nthreading.Thread(target=counter.bump).start()\n",
    "tree/.gitignore": "ignored/\n",
    "tree/b.py": racy,
    "tree/a/z.py": racy,
    "tree/ignored/x.py": racy,
    "tree/.venv/x.py": racy,
    "tree/own-environment/pyvenv.cfg": "home = /usr/bin\n",
    "tree/own-environment/x.py": racy,
    "tree/notes.txt": racy,
    "empty/notes.txt": "",
  });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

const position = {
  startLine: z.int().min(1),
  startColumn: z.int().min(1),
  endLine: z.int().min(1),
  endColumn: z.int().min(1),
};
const contract = z.strictObject({
  version: z.literal(1),
  findings: z.array(
    z.strictObject({
      path: z.string(),
      ...position,
      rule: z.string().regex(/^[a-z]+(-[a-z]+)+$/),
      severity: z.enum(["error", "warning", "information", "hint"]),
      evidence: z.enum(["proven", "likely", "exposed"]),
      symbol: z.string(),
      function: z.string(),
      message: z.string().min(20),
      related: z.array(z.strictObject({ path: z.string(), ...position, message: z.string().min(1) })),
    }),
  ),
  summary: z.strictObject({
    files: z.int(),
    findings: z.int(),
    bySeverity: z.record(z.enum(["error", "warning", "information", "hint"]), z.int()),
    byEvidence: z.record(z.enum(["proven", "likely", "exposed"]), z.int()),
    skipped: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
  }),
});

async function json(...args: string[]) {
  const { stdout } = await threadproof("check", "--format", "json", ...args);
  return contract.parse(JSON.parse(stdout));
}

describe("exit codes", () => {
  test.each([
    [0, ["check", "clean.py"]],
    [0, ["check", "empty"]],
    [1, ["check", "racy.py"]],
    [1, ["check", "clean.py", "racy.py"]],
    [0, ["check", "--fail-on", "never", "racy.py"]],
    [0, ["check", "--fail-on", "error", "racy.py"]],
    [1, ["check", "--fail-on", "hint", "racy.py"]],
    [0, ["check", "--concurrency", "off", "racy.py"]],
    [2, ["check", "no-such-file.py"]],
    [2, ["check", "--format", "xml", "racy.py"]],
    [2, ["check", "--target", "2.7", "racy.py"]],
    [2, ["check", "--select", "no-such-rule", "racy.py"]],
    [0, ["check", "--select", "lock-reacquired,sleep-holding-lock", "racy.py"]],
    [2, ["check", "--no-such-option", "racy.py"]],
    [2, ["check"]],
    [2, ["no-such-command"]],
    [0, ["--help"]],
    [0, ["--version"]],
  ])("%i: %j", async (code, args) => {
    expect((await threadproof(...args)).exitCode).toBe(code);
  });

  test("a missing path is named on standard error, and nothing else is said", async () => {
    const { stdout, stderr } = await threadproof("check", "racy.py", "no-such-file.py");
    expect(stdout).toBe("");
    expect(stderr).toBe("threadproof: no-such-file.py: no such file or directory");
  });

  test("the version is the package's", async () => {
    expect((await threadproof("--version")).stdout).toBe(version);
  });
});

describe("json", () => {
  test("follows the contract, with the path as given and lines from 1", async () => {
    const { findings, summary } = await json("./racy.py");
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      path: "./racy.py",
      startLine: 8,
      evidence: "proven",
      symbol: "count",
      function: "work",
      severity: "warning",
    });
    expect(racy.split("\n")[7]!.slice(findings[0]!.startColumn - 1)).toMatch(/^count/);
    expect(findings[0]!.related.every(({ path }) => path === "./racy.py")).toBe(true);
    expect(summary).toMatchObject({
      files: 1,
      findings: 1,
      bySeverity: { warning: 1 },
      byEvidence: { proven: 1 },
    });
  });

  test("links files named together", async () => {
    expect((await json("program/counter.py")).findings).toEqual([]);
    const { findings } = await json("program/main.py", "program/counter.py");
    expect(findings).toMatchObject([{ path: "program/counter.py", evidence: "proven" }]);
    expect(findings[0]!.related.map(({ path }) => path)).toContain("program/main.py");
  });

  test("is the same whatever the order of the arguments", async () => {
    const files = ["racy.py", "broken.py", "tree", "marked.py"];
    expect(await json(...files)).toEqual(await json(...files.reverse()));
  });

  test("counts a file named twice once", async () => {
    expect((await json("racy.py", "./racy.py", resolve(folder, "racy.py"))).summary.files).toBe(1);
  });
});

describe("which files", () => {
  test("a folder means its Python files, without ignored ones and virtual environments", async () => {
    const { findings } = await json("tree");
    expect(findings.map(({ path }) => path.replaceAll("\\", "/"))).toEqual(["tree/a/z.py", "tree/b.py"]);
  });

  test("a file that is named is always checked", async () => {
    const named = ["tree/ignored/x.py", "tree/notes.txt", "tree/.venv/x.py"];
    expect((await json(...named)).findings.map(({ path }) => path)).toEqual(named.sort());
  });

  test.each(["latin.py", "invalid.py", "marked.py", "windows.py"])("reads %s", async (name) => {
    const { findings } = await json(name);
    expect(findings).toMatchObject([{ symbol: "count", startColumn: 5, endColumn: 10 }]);
  });

  test("analyses around a syntax error", async () => {
    expect((await json("broken.py")).findings).toMatchObject([{ symbol: "count", startLine: 11 }]);
  });

  test("says which bytes it could not read", async () => {
    const { stderr } = await threadproof("check", "invalid.py", "latin.py");
    expect(stderr).toBe("threadproof: invalid.py: bytes that are not utf-8 were replaced");
  });

  test("skips what is too large, and says so twice", async () => {
    const { stdout, stderr } = await threadproof("check", "--format", "json", "huge.py", "clean.py");
    const reason = "10000001 bytes, over the limit of 10000000";
    expect(stderr).toBe(`threadproof: huge.py: skipped: ${reason}`);
    const skipped = [{ path: "huge.py", reason }];
    expect(contract.parse(JSON.parse(stdout)).summary).toMatchObject({ files: 1, skipped });
  });
});

describe("other formats", () => {
  test("text: one line per finding, related places indented, a sentence at the end", async () => {
    const lines = (await threadproof("check", "racy.py")).stdout.split("\n");
    expect(lines[0]).toMatch(/^racy\.py:8:5 warning [a-z-]+ \[proven\] \S/);
    expect(lines.slice(1, -1)).not.toEqual([]);
    for (const line of lines.slice(1, -1)) {
      expect(line).toMatch(/^ {2}racy\.py:\d+:\d+ \S/);
    }
    expect(lines.at(-1)).toBe("1 finding in 1 file.");
  });

  test("text: colours are for terminals", async () => {
    const { stdout } = await execa(process.execPath, [cli, "check", "clean.py"], { cwd: folder });
    expect(stdout).toBe("No findings in 1 file.");
  });

  test("github: one annotation per finding, on its line", async () => {
    const { stdout } = await threadproof("check", "--format", "github", "racy.py");
    expect(stdout).toMatch(
      /^::warning file=racy\.py,line=8,endLine=8,col=5,endColumn=\d+,title=[^:]+%3A [a-z-]+::\S.*$/,
    );
  });

  test("sarif: rules, results and related places refer to each other", async () => {
    const { stdout } = await threadproof("check", "--format", "sarif", "racy.py", "huge.py");
    const { runs } = JSON.parse(stdout);
    const [result] = runs[0].results;
    expect(runs[0].tool.driver.rules[result.ruleIndex].id).toBe(result.ruleId);
    expect(result.level).toBe("warning");
    expect(result.locations[0].physicalLocation).toMatchObject({
      artifactLocation: { uri: "racy.py" },
      region: { startLine: 8, startColumn: 5 },
    });
    expect(result.relatedLocations.length).toBeGreaterThan(0);
    expect(runs[0].invocations[0].toolExecutionNotifications).toHaveLength(1);
  });
});

test("a reader that stops early is no failure", async () => {
  const run = execa(process.execPath, [cli, "check", "--format", "json", "tree", "racy.py"], {
    cwd: folder,
    reject: false,
    buffer: false,
  });
  run.stdout.destroy();
  const { exitCode, signal } = await run;
  expect([exitCode, signal]).toEqual([expect.toBeOneOf([0, 1]), undefined]);
});
