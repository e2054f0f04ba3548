// The second choice for what is made on first use: look, lock, look again. What it becomes, where it is not offered, and that
// it holds on the free-threaded interpreter.
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { applyEdits, type TextFix } from "../src/fixes/fix.ts";
import { Bench, compileErrors, python } from "./fixesHarness.ts";

const bench = await Bench.start({ concurrency: "library", target: "3.13", preview: true });
const lazy = /^(lazy-(global|attribute)-init|singleton-creation)$/;

/** All lock fixes of the first finding about something made on first use. */
function offered(text: string): TextFix[] {
  const finding = bench.findings(text).find(({ rule }) => lazy.test(rule));
  expect(finding, text).toBeDefined();
  return bench.fixes(finding!, text);
}

const twice = (text: string) =>
  offered(text).find(({ title }) => title.startsWith("Guard the creation only"));

/** A method `get` of a class with a lock, and what the fix makes of it. */
const method = (body: string, more = "") => `import threading


class Store:
    def __init__(self):
        self._lock = threading.Lock()
        self._file = None
${more}
    def get(self):
${body
  .split("\n")
  .map((line) => (line === "" ? line : `        ${line}`))
  .join("\n")}

    def size(self):
        with self._lock:
            return self._file
`;

const global = (body: string, more = "") => `import threading

_file = None
_lock = threading.Lock()
${more}

def get():
    global _file
${body
  .split("\n")
  .map((line) => (line === "" ? line : `    ${line}`))
  .join("\n")}
`;

test.each([
  [
    "a test around",
    'if self._file is None:\n    path = "a"\n\n    # now\n    self._file = open(path)  # it\nreturn self._file',
    'if self._file is None:\n    with self._lock:\n        if self._file is None:\n            path = "a"\n\n            # now\n            self._file = open(path)  # it\nreturn self._file',
  ],
  [
    "an early way out",
    'if self._file:\n    return self._file\npath = "a"\nself._file = open(path)\nreturn self._file',
    'if self._file:\n    return self._file\nwith self._lock:\n    if not self._file:\n        path = "a"\n        self._file = open(path)\nreturn self._file',
  ],
  [
    "a local name",
    'file = self._file\nif file is None:\n    file = self._file = open("a")\nreturn file',
    'file = self._file\nif file is None:\n    with self._lock:\n        file = self._file\n        if file is None:\n            file = self._file = open("a")\nreturn file',
  ],
  [
    "a local name given in the test",
    'if (file := self._file) is None:\n    file = self._file = open("a")\nreturn file',
    'if (file := self._file) is None:\n    with self._lock:\n        if (file := self._file) is None:\n            file = self._file = open("a")\nreturn file',
  ],
  [
    "one line",
    'if not self._file: self._file = open("a")\nreturn self._file',
    'if not self._file:\n    with self._lock:\n        if not self._file:\n            self._file = open("a")\nreturn self._file',
  ],
  [
    "hasattr",
    'if not hasattr(self, "_file"):\n    self._file = open("a")\nreturn self._file',
    'if not hasattr(self, "_file"):\n    with self._lock:\n        if not hasattr(self, "_file"):\n            self._file = open("a")\nreturn self._file',
  ],
  [
    "several ways, each of which ends with it",
    'if self._file is None:\n    if self.quick:\n        self._file = open("a")\n    else:\n        path = "b"\n        self._file = open(path)\nreturn self._file',
    'if self._file is None:\n    with self._lock:\n        if self._file is None:\n            if self.quick:\n                self._file = open("a")\n            else:\n                path = "b"\n                self._file = open(path)\nreturn self._file',
  ],
])("%s", async (_, before, after) => {
  const text = method(before);
  const fix = twice(text);
  expect(fix?.title).toMatch(/with `self\._lock`, and look again under it \(readers take no lock; /);
  expect(fix).toMatchObject({ isPreferred: false });
  expect(fix?.isSafe).toBeUndefined();
  const fixed = applyEdits(text, fix!.edits);
  expect(fixed).toBe(method(after));
  expect(bench.findings(fixed).filter(({ rule }) => lazy.test(rule))).toEqual([]);
  expect(await compileErrors([fixed], "3.13t")).toEqual([null]);
});

test("a new lock is made where it is needed, and the lock around all of it comes first", () => {
  const text = global('if _file is None:\n    _file = open("a")\nreturn _file').replace(
    "_lock = threading.Lock()\n",
    "",
  );
  const [first, second] = offered(text);
  expect(first).toMatchObject({ isPreferred: true, title: expect.stringMatching(/^Guard with a new lock/) });
  expect(second?.title).toMatch(/^Guard the creation only, with a new lock `_file_lock`/);
  expect(applyEdits(text, second!.edits)).toContain("_file_lock = threading.Lock()\n");
});

describe("flags", () => {
  /** Work that is done when the flag says so, under no lock yet. */
  const flagged = (body: string) => `import threading


class Rules:
    def __init__(self):
        self._rules = []
        self._stale = True

    def add(self, rule):
        self._rules.append(rule)
        self._stale = True

    def update(self):
${body.replace(/^(?=.)/gm, "        ")}
`;

  const ofFlag = (text: string) => {
    const finding = bench.findings(text).find(({ rule }) => rule === "check-then-act-attribute");
    expect(finding, text).toBeDefined();
    return bench.fixes(finding!, text).find(({ title }) => title.startsWith("Guard the work only"));
  };

  test.each([
    [
      "an early way out",
      "if not self._stale:\n    return\n\nself._rules.sort()\nself._stale = False",
      "if not self._stale:\n    return\n\nwith self._stale_lock:\n    if self._stale:\n        self._rules.sort()\n        self._stale = False",
    ],
    [
      "a test around",
      "if self._stale:\n    self._rules.sort()\n    self._stale = False",
      "if self._stale:\n    with self._stale_lock:\n        if self._stale:\n            self._rules.sort()\n            self._stale = False",
    ],
  ])("%s", (_, before, after) => {
    const text = flagged(before);
    const fix = ofFlag(text);
    expect(fix?.title).toContain("(nobody waits when there is nothing to do; ");
    const fixed = applyEdits(text, fix!.edits);
    expect(fixed).toContain(after.replace(/^(?=.)/gm, "        "));
    expect(fixed).toContain("        with self._stale_lock:\n            self._stale = True\n");
    expect(bench.findings(fixed).filter(({ rule }) => rule === "check-then-act-attribute")).toEqual([]);
  });

  test.each([
    [
      "where others would take work for done that has just begun",
      "if not self._stale:\n    return\nself._stale = False\nself._rules.sort()",
    ],
    [
      "where something is done each time",
      "if self._stale:\n    self._rules.sort()\n    self._stale = False\nelse:\n    self.add(1)",
    ],
  ])("not %s", (_, body) => {
    expect(ofFlag(flagged(body))).toBeUndefined();
  });
});

describe("not offered", () => {
  test.each([
    [
      "where it is published before it is complete",
      'if self._file is None:\n    self._file = {}\n    self._file["a"] = open("a")\nreturn self._file',
    ],
    [
      "where the test asks for more",
      'if self._file is None and self.size:\n    self._file = open("a")\nreturn self._file',
    ],
    [
      "where there is another branch",
      'if self._file is None:\n    self._file = open("a")\nelse:\n    self._file.seek(0)\nreturn self._file',
    ],
    [
      "where names of the creation are used behind it",
      'if self._file is not None:\n    return self._file\npath = "a"\nself._file = open(path)\nprint(path)\nreturn self._file',
    ],
    [
      "where who finds it leaves before all is done",
      "if self._file:\n    return\nself._file = open('a')\nself.size = 1",
    ],
    [
      "where something else is given it afterwards",
      "if self._file is None:\n    self._file = self.all['a'] = open('a')\nreturn self._file",
    ],
    [
      "where a name from before the test is what is used",
      "file = None\nif self._file is None:\n    file = open('a')\n    self._file = file\nreturn file",
    ],
    [
      "where finding it is an error",
      "if self._file is not None:\n    raise ValueError\nself._file = open('a')\nreturn self._file",
    ],
    [
      "where an exception tells that it is missing",
      'try:\n    return self._file\nexcept AttributeError:\n    self._file = open("a")\n    return self._file',
    ],
  ])("%s", (_, body) => {
    expect(twice(method(body))).toBeUndefined();
  });

  const close = "\n    def close(self):\n        with self._lock:\n            self._file = None\n";

  test("is no matter where an object puts itself in its place", () => {
    const install = "\n    def install(self):\n        Store.only = self\n";
    const get = "if Store.only is None:\n    Store.only = Store()\nreturn Store.only";
    const text = method(get, install).replace("class Store:\n", "class Store:\n    only = None\n\n");
    expect(twice(text)?.edits.length).toBeGreaterThan(0);
    const reset = twice(text.replace("Store.only = self", "Store.only = None"));
    expect(reset?.disabled).toContain("`install` stores something else");
  });

  test("where it is taken away again, unless a local name holds what was found", () => {
    const direct = twice(
      method('if self._file is None:\n    self._file = open("a")\nreturn self._file', close),
    );
    expect(direct).toMatchObject({
      edits: [],
      disabled: expect.stringContaining("`close` stores something else"),
    });
    const named = twice(
      method('file = self._file\nif file is None:\n    file = self._file = open("a")\nreturn file', close),
    );
    expect(named?.disabled).toBeUndefined();
    expect(named?.edits.length).toBeGreaterThan(0);
  });
});

describe("a program", () => {
  const program = `
import json
import sys
import threading

threads = int(sys.argv[1])
TEXT = json.dumps(list(range(3000)))


class Page:
    def __init__(self):
        self._content = None

    def content(self):
        if self._content is None:
            made.append(1)
            self._content = json.loads(TEXT)
        return self._content


def work(start, found):
    for page in pages:
        start.wait()
        found.append(page.content())


made = []
pages = [Page() for _ in range(300)]
start = threading.Barrier(threads)
results = [[] for _ in range(threads)]
workers = [threading.Thread(target=work, args=(start, found)) for found in results]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
same = sum(len({id(one) for one in row}) == 1 and len(row[0]) == 3000 for row in zip(*results))
print(same == len(pages), len(made) == len(pages))
`;
  const exe = python("3.13t");
  const run = async (text: string, threads: number) =>
    (await execa(exe!, ["-X", "gil=0", "-", String(threads)], { input: text })).stdout;

  test.skipIf(exe === undefined)(
    "gives threads different objects before and the same one afterwards",
    async () => {
      let failures = 0;
      for (let trial = 0; trial < 30 && failures === 0; trial += 1)
        failures += (await run(program, 4)) === "True True" ? 0 : 1;
      expect(failures).toBe(1);
      const fixed = applyEdits(program, twice(program)!.edits);
      for (let trial = 0; trial < 10; trial += 1) expect(await run(fixed, 4), fixed).toBe("True True");
      expect(await run(fixed, 1)).toBe(await run(program, 1));
    },
  );
});
