// Every rewrite on every case of its rule: the result compiles, the finding is gone, nothing new is found, and
// there is nothing left for the same rewrite to do.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
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

describe("where the code has another shape", () => {
  async function offered(rule: string, text: string) {
    const workspace = await Workspace.create({ concurrency: "library", target: "3.13", preview: true });
    workspace.update("/case/main.py", text);
    const found = workspace.allFindings().find((finding) => finding.rule === rule);
    expect(found, `${rule} in\n${text}`).toBeDefined();
    return rewritesFor(found!, workspace.tree("/case/main.py")!, "3.13");
  }

  const variable = (body: string) =>
    `from contextvars import ContextVar\n\nvar = ContextVar("var", default=[])\n\n\ndef use():\n${body}\n`;
  const dataclass = "import dataclasses\nimport threading\n\n\n@dataclasses.dataclass\nclass Record:\n";
  const mapped = [
    "from concurrent.futures import ThreadPoolExecutor",
    "from contextvars import ContextVar",
    "",
    'user = ContextVar("user")',
    "",
    "",
    "def load(table):",
    "    return user.get(), table",
    "",
    "",
    "def load_all(tables):",
    '    user.set("a")',
    "    with ThreadPoolExecutor() as pool:",
    "        return list(pool.map(load, tables))",
    "",
  ].join("\n");

  test.each([
    ["mutable-context-default", variable("    now = var.get()\n    now.append(1)"), "changed in place"],
    ["mutable-context-default", variable("    return var.get()"), "changed in place"],
    ["mutable-context-default", variable("    pass"), "not to be seen"],
    [
      "contextvar-in-executor",
      mapped.replace("pool.map(load", "pool.map(lambda table: load(table)"),
      "submit each",
    ],
    [
      "lock-copied",
      `${dataclass}    lock: threading.Lock = threading.Lock()\n\n\nRecord.lock.acquire()\n`,
      "no lock of the class",
    ],
  ])("%s is refused with the reason", async (rule, text, reason) => {
    const fixes = await offered(rule, text);
    expect(fixes).toHaveLength(1);
    expect(fixes[0]!.edits).toEqual([]);
    expect(fixes[0]!.disabled).toContain(reason);
  });

  const filled = (test: string, fill: string) =>
    `_lines = {}\n\n\ndef lines(path, fresh=False):\n    if ${test}:\n        _lines[path] = []\n${fill}    return _lines[path]\n`;
  const append = "        for line in open(path):\n            _lines[path].append(line)\n";

  test.each([
    ["an entry that may be there", filled("fresh or path not in _lines", append)],
    ["a look at the container", filled("path not in _lines", `        print(len(_lines))\n${append}`)],
    ["a second name", filled("path not in _lines", `        found = _lines[path]\n${append}`)],
    [
      "a way out",
      filled("path not in _lines", `${append}            if not line:\n                return []\n`),
    ],
    [
      "a call that looks for it",
      filled("path not in _lines", `${append}        _lines[path].extend(lines(path[1:]))\n`),
    ],
  ])("publish-before-complete leaves %s alone", async (_, text) => {
    expect(await offered("publish-before-complete", text)).toEqual([]);
    expect(await offered("publish-before-complete", filled("path not in _lines", append))).toHaveLength(1);
  });

  const polled = [
    "import threading",
    "import time",
    "",
    "jobs = []",
    "done = []",
    "",
    "",
    "def work():",
    "    while True:",
    "        if not jobs:",
    "            time.sleep(0.01)",
    "            continue",
    "        done.append(jobs.pop(0))",
    "",
    "",
    "for _ in range(4):",
    "    threading.Thread(target=work, daemon=True).start()",
    "for n in range(1000):",
    "    jobs.append(n)",
    "while len(done) < 1000:",
    "    time.sleep(0.01)",
    "print(sorted(done) == list(range(1000)))",
    "",
  ].join("\n");
  const connected = [
    "import sqlite3",
    "import sys",
    "from concurrent.futures import ThreadPoolExecutor",
    "",
    "PATH = sys.argv[1]",
    "db = sqlite3.connect(PATH, check_same_thread=False, timeout=60)",
    "",
    "",
    "def save(n):",
    "    with db:",
    '        db.execute("INSERT INTO rows VALUES (?)", (n,))',
    "",
    "",
    "with sqlite3.connect(PATH) as own:",
    '    own.execute("CREATE TABLE rows (n)")',
    "with ThreadPoolExecutor(4) as pool:",
    "    list(pool.map(save, range(200)))",
    'print(own.execute("SELECT count(*) FROM rows").fetchone()[0])',
    "",
  ].join("\n");
  const freeThreaded = python("3.13t");
  test.skipIf(freeThreaded === undefined)("what threads share no more does what was meant", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "threadproof-rewrites-"));
    try {
      const fixed = async (rule: string, text: string) =>
        applyEdits(text, (await offered(rule, text))[0]!.edits);
      const waiting = await fixed("check-then-act-sequence", polled);
      expect(waiting).toContain("done.append(jobs.get())");
      const own = await fixed("shared-sqlite-connection", connected);
      expect(own).toContain("threading.local");
      for (let trial = 0; trial < 3; trial += 1) {
        expect((await execa(freeThreaded!, ["-c", waiting], { timeout: 60_000 })).stdout).toBe("True");
        const file = path.join(folder, `${trial}.db`);
        expect((await execa(freeThreaded!, ["-c", own, file])).stdout).toBe("200");
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  const exe = python("3.13");
  test.skipIf(exe === undefined)("what is fixed does what was meant", async () => {
    const run = async (program: string) => (await execa(exe!, ["-c", program])).stdout;
    const fixed = async (rule: string, text: string) =>
      applyEdits(text, (await offered(rule, text))[0]!.edits);

    const record = `${dataclass}    name: str\n    lock: threading.Lock = threading.Lock()\n\n\n`;
    const records = `${record}a, b = Record("a"), Record("a")\nprint(a == b, a.lock is b.lock, a)\n`;
    expect(await run(records)).toMatch(/^True True Record\(name='a', lock=/);
    expect(await run(await fixed("lock-copied", records))).toBe("True False Record(name='a')");

    const submitted = `${mapped.replace("list(pool.map(load, tables))", "pool.submit(load, tables).result()")}\n\nprint(load_all(1))\n`;
    await expect(run(submitted)).rejects.toThrow(/LookupError/);
    expect(await run(await fixed("contextvar-in-executor", submitted))).toBe("('a', 1)");
  });
});
