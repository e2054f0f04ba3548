// Stress tests made from findings are run: they fail on the racy module, hold on the repaired one, and say so.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PositionEncoding, Workspace as Ruff } from "@astral-sh/ruff-wasm-nodejs";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import { type StressTest, type StressTestOffer, stressTest } from "../src/stressTest/stressTest.ts";
import { python } from "./fixesHarness.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "threadproof-stress-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** The offers for all findings of one rule in a file of the project. */
async function offers(file: string, text: string, rule: string): Promise<StressTestOffer[]> {
  const workspace = await Workspace.create({ concurrency: "library", target: "3.13", preview: true });
  const whole = `${root.replaceAll("\\", "/")}/${file}`;
  workspace.update(whole, text);
  return workspace
    .findings(whole)
    .filter((finding) => finding.rule === rule)
    .map((finding) => stressTest(finding, workspace.tree(whole)!, root.replaceAll("\\", "/")));
}

async function run(file: string, module: string, { path: test, text }: StressTest, kind: "3.13" | "3.13t") {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true });
  await mkdir(path.dirname(test), { recursive: true });
  await writeFile(path.join(root, file), module);
  await writeFile(test, text);
  return execa(python(kind)!, ["-B", "-W", "error", test], { reject: false });
}

const counter = `class Progress:
    def __init__(self, total: int):
        self.total = total
        self.done = 0

    def advance(self, steps):
        self.done += steps
`;
const lockedCounter = counter
  .replace("class", "import threading\n\n\nclass")
  .replace("self.done = 0", "self.done = 0\n        self._lock = threading.Lock()")
  .replace("        self.done += steps", "        with self._lock:\n            self.done += steps");

const lazy = `_handler = None


class Handler:
    def __init__(self):
        self.names = [str(n) for n in range(2000)]


def handler():
    global _handler
    if _handler is None:
        _handler = Handler()
    return _handler
`;

const sessions = `import random

sessions = {}


def login(token: str):
    sessions[token] = random.random()


def logout(token: str):
    if token in sessions:
        del sessions[token]
`;

describe.skipIf(python("3.13t") === undefined)("on the free-threaded interpreter", () => {
  test("a counter loses updates, and a locked one does not", async () => {
    const [offer] = (await offers("jobs/progress.py", counter, "instance-read-modify-write")) as StressTest[];
    expect(path.basename(offer!.path)).toBe("test_stress_jobs_progress_progress_advance.py");
    const racy = await run("jobs/progress.py", counter, offer!, "3.13t");
    expect(racy.stdout).toMatch(/^FAILED in round \d+: the value changed by \d+ instead of \d+$/m);
    expect(racy.exitCode).toBe(1);
    const locked = await run("jobs/progress.py", lockedCounter, offer!, "3.13t");
    expect(locked.stdout).toMatch(/^Nothing was seen in \d+ rounds of \d+ threads\.$/m);
    expect(locked.exitCode).toBe(0);
  });

  test("threads that make a global at once get different objects", async () => {
    const [offer] = (await offers("src/lazy.py", lazy, "lazy-global-init")) as StressTest[];
    const { stdout, exitCode } = await run("src/lazy.py", lazy, offer!, "3.13t");
    expect(stdout).toMatch(/^FAILED in round \d+: \d+ different objects$/m);
    expect(exitCode).toBe(1);
  });

  test("both accesses of a dictionary are called, and the KeyError is told", async () => {
    const [offer] = (await offers("sessions.py", sessions, "check-then-act-mapping")) as StressTest[];
    expect(offer!.text).toContain("module.logout(");
    expect(offer!.text).toContain("module.login(");
    const { stdout, exitCode } = await run("sessions.py", sessions, offer!, "3.13t");
    expect(stdout).toMatch(/^FAILED in round \d+: \d+ calls raised, the first: KeyError\('a'\)$/m);
    expect(exitCode).toBe(1);
  });

  test("a private function is called through a public one, with what others give it", async () => {
    const words = `counts = {}


def _bump(word, weight):
    counts[word] = counts.get(word, 0) + weight


def tally(word, weight):
    if word.strip():
        _bump(word, weight)


def main():
    tally("hello", 3)
`;
    const [offer] = (await offers("words.py", words, "read-modify-write-item")) as StressTest[];
    expect(offer!.text).toContain('module.tally("hello", 3)');
    const { stdout, exitCode } = await run("words.py", words, offer!, "3.13t");
    expect(stdout).toMatch(/^FAILED in round \d+: the value changed by \d+ instead of \d+$/m);
    expect(exitCode).toBe(1);
  });

  test("what does not add up with one thread is not asked to do so with several", async () => {
    const visits = `seen = set()
visitors = 0


def visit(name: str):
    global visitors
    if name not in seen:
        seen.add(name)
        visitors += 1
`;
    const locked = visits
      .replace("seen =", "import threading\n\nlock = threading.Lock()\nseen =")
      .replace("    if name", "    lock.acquire()\n    if name")
      .concat("    lock.release()\n");
    const [offer] = (await offers("visits.py", visits, "global-read-modify-write")) as StressTest[];
    const { stdout, exitCode } = await run("visits.py", locked, offer!, "3.13t");
    expect(stdout).toMatch(/^Nothing was seen in/m);
    expect(exitCode).toBe(0);
  });

  test("what cannot run says so", async () => {
    const [offer] = (await offers("jobs/progress.py", counter, "instance-read-modify-write")) as StressTest[];
    const broken = counter.replace("self.done = 0", "raise OSError('no disk')");
    const { stdout, stderr, exitCode } = await run("jobs/progress.py", broken, offer!, "3.13t");
    expect(stderr).toContain("OSError: no disk");
    expect(stdout).toContain("It cannot run");
    expect(exitCode).toBe(2);
  });
});

test("with the GIL it says what that is worth, and its pauses let a counter lose updates there too", async () => {
  const [offer] = (await offers("jobs/progress.py", counter, "instance-read-modify-write")) as StressTest[];
  const locked = await run("jobs/progress.py", lockedCounter, offer!, "3.13");
  expect(locked.stdout).toContain("The GIL is on");
  expect(locked.exitCode).toBe(0);
  const racy = await run("jobs/progress.py", counter, offer!, "3.13");
  expect(racy.stdout).toMatch(/^FAILED in round \d+: the value changed by \d+ instead of \d+$/m);
  expect(racy.exitCode).toBe(1);
});

test.each([
  ["progress.py", counter, "instance-read-modify-write"],
  ["lazy.py", lazy, "lazy-global-init"],
  ["sessions.py", sessions, "check-then-act-mapping"],
])("the program for %s is as ruff would leave it, and no line is too long", async (file, text, rule) => {
  const ruff = new Ruff(
    { "line-length": 88, lint: { select: ["E", "F", "I", "W"] } },
    PositionEncoding.Utf16,
  );
  const [offer] = (await offers(file, text, rule)) as StressTest[];
  expect(ruff.format(offer!.text)).toBe(offer!.text);
  expect(ruff.check(offer!.text)).toEqual([]);
});

test.each([
  [
    "total = 0\n\n\ndef _add():\n    global total\n    total += 1\n\n\ndef _main():\n    _add()\n",
    "`_add` is private",
  ],
  ["total = 0\n\n\ndef add(thing):\n    global total\n    total += thing.size()\n", "a value for `thing`"],
  [
    "import threading\n\ntotal = 0\n\n\ndef add():\n    global total\n    total += 1\n\n\nthreading.Thread(target=add).start()\nthreading.Thread(target=add).start()\n",
    "Importing the module runs",
  ],
  [
    "import functools\n\ntotal = 0\n\n\n@functools.wraps(print)\ndef add():\n    global total\n    total += 1\n",
    "may change how",
  ],
])("%j is refused: %s", async (text, reason) => {
  const [offer] = await offers("refused.py", text, "global-read-modify-write");
  expect(offer).toEqual({ disabled: expect.stringContaining(reason) });
});

test("a file that cannot be imported by name is refused", async () => {
  const text = "total = 0\n\n\ndef add():\n    global total\n    total += 1\n";
  const [offer] = await offers("my-script.py", text, "global-read-modify-write");
  expect(offer).toEqual({ disabled: expect.stringContaining("cannot be imported by name") });
});
