// Fixing whole programs: safe fixes change nothing a program with one thread could see, rounds come to an end, and
// what touches each other waits.
import path from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { ruleNames } from "../src/analysis/ruleCatalogue.ts";
import { Workspace } from "../src/analysis/workspace.ts";
import { type AnalysisOptions, defaultOptions } from "../src/findings/options.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { type FixAllResult, fixAll } from "../src/fixes/fixAll.ts";
import { changesBetween } from "../src/fixes/textChanges.ts";
import { compileErrors, python } from "./fixesHarness.ts";
import { readCases } from "./ruleCases.ts";

async function fixed(
  files: Record<string, string>,
  unsafe: boolean,
  options: AnalysisOptions = defaultOptions,
  paths = Object.keys(files),
): Promise<FixAllResult> {
  const workspace = await Workspace.create(options);
  for (const [file, text] of Object.entries(files)) workspace.update(file, text);
  return fixAll(
    {
      findings: (file) => workspace.findings(file),
      text: (file) => workspace.text(file),
      tree: (file) => workspace.tree(file),
      target: () => options.target,
      update: (file, text) => workspace.update(file, text),
    },
    { paths, unsafe },
  );
}

const program = `import threading
from queue import Queue

sessions = {}
total = 0
tasks = Queue()


def drop(token):
    global total
    total += 1
    if token in sessions:
        del sessions[token]


def work():
    while not tasks.empty():
        drop(tasks.get())


def main(n):
    for token in range(10):
        sessions[token] = token
        tasks.put(token)
    threads = [threading.Thread(target=work) for _ in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(total, sorted(sessions))


if __name__ == "__main__":
    main(1)
`;

test("all safe fixes of a file come in one go, with their imports once", async () => {
  const { applied, texts, isComplete } = await fixed({ "/p/a.py": program }, false);
  expect(isComplete).toBe(true);
  expect(applied.map(({ finding }) => finding.rule).sort()).toEqual([
    "check-then-act-mapping",
    "global-read-modify-write",
    "queue-empty-check",
  ]);
  const text = texts.get("/p/a.py")!;
  expect(text).toContain("from queue import Empty, Queue\n");
  expect(text).toContain("sessions.pop(token, None)");
  expect(text).toContain("total += 1");
  expect(text.match(/import threading/g)).toHaveLength(1);
  expect((await fixed({ "/p/a.py": text }, false)).texts.size).toBe(0);
  if (python("3.13") === undefined) return;
  const [before, after] = await Promise.all(
    [program, text].map((input) => execa(python("3.13")!, ["-W", "error", "-"], { input })),
  );
  expect(after!.stdout).toBe(before!.stdout);
});

test("a fix that changes what one thread sees waits for leave", async () => {
  const text = `import threading


def start(job):
    threading.Thread(target=job).run()
`;
  expect((await fixed({ "/p/a.py": text }, false)).texts.size).toBe(0);
  expect((await fixed({ "/p/a.py": text }, true)).texts.get("/p/a.py")).toBe(
    text.replace(".run()", ".start()"),
  );
});

test("a file with syntax errors is left alone, and so is one that was not asked for", async () => {
  const broken = `${program}\n\ndef unfinished(:\n`;
  expect((await fixed({ "/p/a.py": broken }, true)).texts.size).toBe(0);
  const files = { "/p/a.py": program, "/p/b.py": program.replaceAll("total", "sum_of_all") };
  expect([...(await fixed(files, false, defaultOptions, ["/p/b.py"])).texts.keys()]).toEqual(["/p/b.py"]);
});

test("two fixes that bring the same import do not bring it twice", async () => {
  const text = `import threading

jobs = __import__("queue").Queue
tasks = jobs()


def a():
    threading.Thread(target=b).start()


def b():
    pass
`;
  expect((await fixed({ "/p/a.py": text }, false)).texts.size).toBe(0);
  const two = `import threading
from queue import (
    Queue,
)

one = Queue()
two = Queue()


def work():
    while not one.empty():
        one.get()
    while not two.empty():
        two.get()


for _ in range(3):
    threading.Thread(target=work).start()
`;
  const { texts } = await fixed({ "/p/a.py": two }, false);
  expect(texts.get("/p/a.py")!.match(/^import queue$/gm)).toHaveLength(1);
  expect(texts.get("/p/a.py")!.match(/except queue\.Empty:/g)).toHaveLength(2);
});

describe.each([false, true])("all rules' cases, unsafe: %s", (unsafe) => {
  const folder = path.resolve(import.meta.dirname, "../../fixtures/rules");
  const cases = ruleNames.flatMap((rule) =>
    readCases(path.join(folder, `${rule}.py`)).map((fixture) => ({ rule, fixture })),
  );

  test("come to an end, compile, and need no second run", { timeout: 300_000 }, async () => {
    const results: string[] = [];
    const originals: string[] = [];
    for (const { rule, fixture } of cases) {
      const files = Object.fromEntries(fixture.files);
      const { texts, isComplete } = await fixed(files, unsafe, fixture.options);
      expect.soft(isComplete, `${rule}: ${fixture.title}`).toBe(true);
      if (texts.size === 0) continue;
      for (const [file, text] of texts) {
        originals.push(files[file]!);
        results.push(text);
      }
      const again = await fixed({ ...files, ...Object.fromEntries(texts) }, unsafe, fixture.options);
      expect.soft([...again.texts.values()], `${rule}: ${fixture.title}`).toEqual([]);
    }
    expect(results.length).toBeGreaterThan(unsafe ? 300 : 60);
    for (const kind of ["3.13", "3.13t"] as const) {
      if (python(kind) === undefined) continue;
      const before = await compileErrors(originals, kind);
      const after = await compileErrors(results, kind);
      expect(results.filter((_, i) => before[i] === null && after[i] !== null)).toEqual([]);
    }
  });
});

test.each([
  ["a\nb\nc\n", "a\nx\nc\n"],
  ["a\nb\nc", "b\nc\nd\n"],
  ["a\r\nb\r\n", "a\r\nnew\r\nb\r\n"],
  ["", "a\n"],
  ["a\nb\n", ""],
  ["import a\n\nx = 1\nx = 1\n", "import a\nimport b\n\nx = 1\n"],
])("the edits between %j and %j make the one of the other", (before, after) => {
  const edits = changesBetween("/p/a.py", before, after);
  expect(applyEdits(before, edits)).toBe(after);
});
