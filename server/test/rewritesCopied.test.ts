// Objects that are copied with a lock inside: where the lock can be left out, where it is refused, and what copies are like.
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import { applyEdits, type TextFix } from "../src/fixes/fix.ts";
import { fixesFor } from "../src/fixes/fixesFor.ts";
import { rewritesFor } from "../src/fixes/rewrite/rewritesFor.ts";
import { loadParser } from "../src/syntax/parser.ts";
import { Bench, python } from "./fixesHarness.ts";

const bench = await Bench.start({ concurrency: "auto", target: "3.13", preview: true });
const parser = await loadParser();

function offered(text: string): TextFix {
  const finding = bench.findings(text).find(({ rule }) => rule === "lock-copied");
  expect(finding, text).toBeDefined();
  const fixes = rewritesFor(finding!, parser.parse(text), "3.13");
  expect(fixes).toHaveLength(1);
  return fixes[0]!;
}

const copied = (init: string, { head = "class A:", way = "copy.deepcopy", more = "" } = {}) =>
  `import copy
import pickle
import threading


${head}
    def __init__(self, n=1):
        self.n = n
${init
  .split("\n")
  .map((line) => `        ${line}`)
  .join("\n")}
${more}
    def again(self):
        return ${way}(self)
`;
const lock = "self._lock = threading.Lock()";

const record = (fields: string, way = "deepcopy", head = "") =>
  `import copy\nimport queue\nimport threading\nfrom dataclasses import dataclass, field\n\n\n@dataclass${head}\nclass Record:\n    lock: threading.Lock = field(default_factory=threading.Lock)\n${fields}\n\n    def again(self):\n        return copy.${way}(self)\n`;

describe("refused with the reason", () => {
  test.each([
    ["slots", copied(lock, { head: 'class A:\n    __slots__ = ("n", "_lock")\n' }), "listed by hand"],
    [
      "a method that has a say",
      copied(lock, { more: "\n    def __setstate__(self, state):\n        self.n = state\n" }),
      "`__setstate__` has a say",
    ],
    [
      "another thing that cannot be copied",
      copied(`${lock}\nself.done = threading.Event()`),
      "cannot be copied either",
    ],
    [
      "a container that both would change",
      copied(`${lock}\nself.items = []`, { way: "copy.copy" }),
      "around the same `items`",
    ],
    ["a lock made of what is not kept", copied("self._lock = threading.Semaphore(n)"), "was made with"],
    [
      "a lock made later",
      copied("self.start()", { more: `\n    def start(self):\n        ${lock}\n` }),
      "once and for all",
    ],
    [
      "a base that is not known",
      copied(lock, { head: "from elsewhere import Base\n\n\nclass A(Base):" }),
      "`Base`",
    ],
    ["a thread", copied(lock, { head: "class A(threading.Thread):" }), "`threading.Thread`"],
    [
      "a base with a lock",
      copied(lock, {
        head: `class Base:\n    def __init__(self):\n        self._other = threading.Lock()\n\n\nclass A(Base):`,
      }),
      "lock of its own",
    ],
    [
      "a queue in a dataclass",
      record("    jobs: queue.Queue = field(default_factory=queue.Queue)"),
      "cannot be copied either",
    ],
    [
      "a list that both would change",
      record("    jobs: list = field(default_factory=list)", "copy"),
      "around the same `jobs`",
    ],
    ["a frozen dataclass", record("    name: str = 'a'", "copy", "(frozen=True)"), "frozen"],
    ["attrs", copied(lock, { head: "from attrs import define\n\n\n@define\nclass A:" }), "slots"],
  ])("%s", (_, text, reason) => {
    expect(offered(text)).toMatchObject({
      edits: [],
      isPreferred: false,
      disabled: expect.stringContaining(reason),
    });
  });

  test.each([
    [
      "a dataclass",
      "import dataclasses\nimport threading\n\n\n@dataclasses.dataclass\nclass Record:\n    lock: threading.Lock = threading.Lock()\n\n\nRecord.lock.acquire()\n",
    ],
    [
      "attrs",
      "import attr\nimport threading\n\n\n@attr.s\nclass Record:\n    lock = attr.ib(default=threading.Lock())\n\n\nprint(Record.lock)\n",
    ],
  ])("a default that is used through the class: %s", (_, text) => {
    expect(offered(text).disabled).toContain("no lock of the class");
  });
});

test("what failed before may be done without a click on which, what shared a lock may not", () => {
  expect(offered(copied(lock))).toMatchObject({ isPreferred: true });
  expect(offered(copied(lock, { way: "copy.copy" }))).toMatchObject({ isPreferred: false });
  expect(offered(copied(lock))).not.toHaveProperty("isSafe");
});

describe("a new lock in objects that the program copies is left out of copies", () => {
  const job = `import threading\n\n\nclass Job:\n    def __init__(self):\n        self.n = 0\n\n    def step(self):\n        self.n += 1\n\n\nclass Special(Job):\n    pass\n\n\njob = Special()\nfor _ in range(4):\n    threading.Thread(target=job.step).start()\n`;

  test.each([
    [
      "copied in another file",
      "import copy\n\nfrom jobs import Special\n\n\ndef again():\n    mine = Special()\n    return copy.copy(mine)\n",
      true,
    ],
    [
      "pickled under another name",
      "from pickle import dumps as pack\n\nfrom jobs import job\n\n\ndef save():\n    return pack(job)\n",
      true,
    ],
    [
      "nothing of it is copied",
      "import copy\n\nfrom jobs import job\n\n\ndef count():\n    return copy.copy(job.n)\n",
      false,
    ],
  ])("%s", async (_, other, isCopied) => {
    const workspace = await Workspace.create({ concurrency: "auto", target: "3.13", preview: true });
    workspace.update("/project/jobs.py", job);
    workspace.update("/project/other.py", other);
    const finding = workspace.findings("/project/jobs.py").find(({ guard }) => guard !== undefined);
    const fixes = fixesFor(finding!, { tree: (file) => workspace.tree(file) });
    const lock = fixes.find(({ title }) => title.startsWith("Guard"));
    expect(lock?.title.includes("pickles and copies leave the lock out")).toBe(isCopied);
  });

  test.each([
    ["decides how it is copied", "__copy__", true],
    ["does not", "copied", false],
  ])("refused where a class of another file %s", async (_, method, isRefused) => {
    const workspace = await Workspace.create({ concurrency: "auto", target: "3.13", preview: true });
    const other = `import copy\n\nfrom jobs import Job\n\n\nclass Late(Job):\n    def ${method}(self):\n        return Late()\n\n\ndef again(job: Job):\n    return copy.copy(job)\n`;
    workspace.update("/project/jobs.py", job);
    workspace.update("/project/other.py", other);
    const finding = workspace.findings("/project/jobs.py").find(({ guard }) => guard !== undefined);
    const fixes = fixesFor(finding!, { tree: (file) => workspace.tree(file) });
    const lock = fixes.find(({ title }) => title.startsWith("Guard"));
    expect(lock?.disabled?.includes("`Late.__copy__` decides how") ?? false).toBe(isRefused);
  });
});

const exe = python("3.13t");
describe.skipIf(exe === undefined)("copies", () => {
  const run = async (text: string) => (await execa(exe!, ["-"], { input: text, reject: false })).stdout;
  const asked = `
one = A(7)
with one._lock:
    two = one.again()
two = pickle.loads(two) if isinstance(two, bytes) else two
print(two.n, two._lock is not one._lock, two._lock.acquire(timeout=1))
`;

  test.each(["copy.deepcopy", "pickle.dumps", "copy.copy"])("by %s have a lock of their own", async (way) => {
    const text = copied(lock, { way });
    expect(await run(text + asked)).not.toBe("7 True True");
    expect(await run(applyEdits(text, offered(text).edits) + asked)).toBe("7 True True");
  });

  test("leave private locks out by the name that they have in the object", async () => {
    const text = copied("self.__lock = threading.Lock()", { head: "class _A:" });
    const used = "_A = _A(3)\ntwo = _A.again()\nprint(two.n, two._A__lock is not _A._A__lock)\n";
    expect(await run(`${applyEdits(text, offered(text).edits)}\n\n${used}`)).toBe("3 True");
  });

  test("of dataclasses have a lock of their own", async () => {
    const text = record('    name: str = "a"');
    const used = "one = Record(name='b')\ntwo = one.again()\nprint(two.name, two.lock is not one.lock)\n";
    expect(await run(`${text}\n\n${used}`)).toBe("");
    expect(await run(`${applyEdits(text, offered(text).edits)}\n\n${used}`)).toBe("b True");
  });

  test("have conditions that go with their lock", async () => {
    const text = copied(
      `${lock}\nself._full = threading.Condition(self._lock)\nself._slots = threading.Semaphore(2)`,
    );
    const fixed = applyEdits(text, offered(text).edits);
    const used = "two = A().again()\nwith two._lock:\n    two._full.notify()\nprint(two._slots._value)\n";
    expect(await run(`${fixed}\n\n${used}`)).toBe("2");
  });
});
