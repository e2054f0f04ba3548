// A lock around the cache of a function with effects: what it becomes, where it is refused, and that it holds on the
// free-threaded interpreter.
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import { applyEdits, type TextFix } from "../src/fixes/fix.ts";
import { rewritesFor } from "../src/fixes/rewrite/rewritesFor.ts";
import { loadParser } from "../src/syntax/parser.ts";
import { Bench, python } from "./fixesHarness.ts";

const bench = await Bench.start({ concurrency: "library", target: "3.13", preview: true });
const parser = await loadParser();

const head = "import functools\nimport sqlite3\nimport threading\n\n\n";
const cached = (body: string, parameters = "name") =>
  `${head}@functools.cache\ndef made(${parameters}):\n    ${body}\n`;

/** The fixes of the first finding about `made`. */
function offered(text: string): TextFix[] {
  const finding = bench
    .findings(text)
    .find(({ rule, symbol }) => rule === "cached-side-effects" && /made$/.test(symbol));
  expect(finding, text).toBeDefined();
  return rewritesFor(finding!, parser.parse(text), "3.13");
}

const locked = (text: string) => {
  const [fix] = offered(text);
  expect(fix?.title).toMatch(/^Run `made` once/);
  return fix!;
};

describe("refused with the reason", () => {
  const taken = `${head}_lock = threading.Lock()\n\n\n@functools.cache\ndef made(name):\n    with _lock:\n        print(name)\n    return open(name)\n\n\ndef other(name):\n    with _lock:\n        return made(name)\n\n\ndef third(name):\n    return made(name)\n`;

  test.each([
    [
      "a coroutine function",
      cached("return open(name)").replace("def made", "async def made"),
      "awaited only once",
    ],
    ["a generator", cached("yield open(name)"), "gone through only once"],
    [
      "an enumeration",
      `import enum\n${head}class E(enum.Enum):\n    @functools.cache\n    def made(self):\n        return open(self.name)\n`,
      "cannot hold a lock",
    ],
    ["a wait", cached("name.join()\n    return open('a')"), "waits for another thread"],
    ["the other order of locks", taken, "wait for each other"],
    [
      "the function inside the cache",
      `${cached("return open(name)")}\n\nmade.__wrapped__("a")\n`,
      "comes with the cache",
    ],
    [
      "overloads",
      `from typing import overload\n\n${head}@overload\ndef made(name: str): ...\n\n\n@functools.cache\ndef made(name):\n    return open(name)\n`,
      "directly above",
    ],
    [
      "a static method that its class cannot be asked for",
      `${head}def make():\n    class A:\n        @staticmethod\n        @functools.cache\n        def made(name):\n            return open(name)\n\n    return A\n`,
      "no name",
    ],
  ])("%s", (_, text, reason) => {
    const fix = locked(text);
    expect(fix).toMatchObject({ edits: [], isPreferred: false, disabled: expect.stringContaining(reason) });
  });

  test.each([
    ["a lock", cached("return threading.Lock()"), "keeps nobody out"],
    ["the cache in use", `${cached("return sqlite3.connect(name)")}\n\nmade.cache_clear()\n`, "cache_clear"],
    ["recursion", cached("return sqlite3.connect(made(name[1:]))"), "calls itself"],
  ])("the removal of the cache: %s", (_, text, reason) => {
    const [lock, removal] = offered(text);
    expect(lock?.disabled).toBeUndefined();
    expect(removal?.disabled).toContain(reason);
  });

  test("nothing is offered where a default would be made twice", () => {
    const titles = offered(cached("return open(name)", 'name, log=open("log")')).map(({ title }) => title);
    expect(titles).toEqual([expect.stringMatching(/^Remove/)]);
  });
});

test("neither is done unasked, and only the lock is preferred", () => {
  const [lock, removal] = offered(cached("return sqlite3.connect(name)"));
  expect(lock).toMatchObject({ isPreferred: true });
  expect(removal).toMatchObject({ isPreferred: false, title: expect.stringContaining("no longer share") });
  expect([lock, removal].filter((fix) => fix?.isSafe)).toEqual([]);
});

test.each([
  ["a plain function", cached("return open(name)", "name: str, size: int = 3"), "Lock()"],
  ["no key", cached('return open("log")', ""), "Lock()"],
  ["keys that may be compared by code of anybody", cached("return open(name)"), "RLock()"],
  ["recursion", cached("return open(made(name[1:]))", "name: str"), "RLock()"],
  ["what it was handed", cached("return open(name())", "name: str"), "RLock()"],
  [
    "a helper that comes back",
    `${cached("return open(help(name))", "name: str")}\n\ndef help(name):\n    return made(name)\n`,
    "RLock()",
  ],
])("the kind of lock: %s", (_, text, kind) => {
  expect(applyEdits(text, locked(text).edits)).toContain(`= threading.${kind}\n`);
});

describe("programs", () => {
  const program = `
import functools
import sys
import threading

threads = int(sys.argv[1])
rounds = 300
made_count = []


class Store:
    """Files by name."""

    def __init__(self):
        self.opened = []

    @functools.cache
    def made(self, name, *more, mode="r", **rest):
        """Opens a file."""
        self.opened.append(open("/dev/null", mode))
        return self.opened[-1]


def work(store, start, found):
    start.wait()
    for n in range(rounds):
        found.append(store.made(n, 1, mode="r", extra=None))


store = Store()
start = threading.Barrier(threads)
results = [[] for _ in range(threads)]
workers = [threading.Thread(target=work, args=(store, start, found)) for found in results]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
same = sum(len({id(one) for one in row}) == 1 for row in zip(*results))
print(same == rounds, len(store.opened) == rounds, Store.made.__doc__)
`;
  const exe = python("3.13t");
  const run = async (text: string, threads: number) =>
    (await execa(exe!, ["-X", "gil=0", "-W", "ignore", "-", String(threads)], { input: text })).stdout;

  test.skipIf(exe === undefined)("are wrong without the lock and right with it", async () => {
    let failures = 0;
    for (let trial = 0; trial < 30 && failures === 0; trial += 1)
      failures += (await run(program, 4)).startsWith("True True") ? 0 : 1;
    expect(failures).toBe(1);
    const fixed = applyEdits(program, locked(program).edits);
    for (let trial = 0; trial < 10; trial += 1)
      expect(await run(fixed, 4), fixed).toBe("True True Opens a file.");
    expect(await run(fixed, 1)).toBe(await run(program, 1));
  });

  test("go on to use their cache in other files", async () => {
    const workspace = await Workspace.create({ concurrency: "library", target: "3.13", preview: true });
    workspace.update("/project/store.py", cached("return open(name)"));
    workspace.update("/project/others.py", "def made():\n    pass\n\n\nmade.cache_info()\n");
    const exposed = () => {
      const [finding] = workspace.findings("/project/store.py");
      const [fix] = rewritesFor(finding!, workspace.tree("/project/store.py")!, "3.13");
      return applyEdits(workspace.text("/project/store.py")!, fix!.edits).match(/^made\.\w+(?= = )/gm);
    };
    expect(exposed()).toBeNull();
    workspace.update("/project/clear.py", "import store\n\n\ndef clear():\n    store.made.cache_clear()\n");
    workspace.update("/project/ask.py", "from store import made as m\n\n\ndef ask():\n    m.cache_info()\n");
    expect(exposed()).toEqual(["made.cache_clear", "made.cache_info"]);
  });

  test.skipIf(exe === undefined)("go on to use their cache", async () => {
    const text = `${cached("return open(name)")}

def again(name):
    return made(name)


made("/dev/null")
print(made.cache_info().currsize)
made.cache_clear()
print(made.cache_info().currsize)
`;
    const fixed = applyEdits(text, locked(text).edits);
    expect(fixed).toContain("made.cache_clear = _made_cached.cache_clear\nmade.cache_info =");
    expect(await run(fixed, 1)).toBe("1\n0");
    expect(await run(text, 1)).toBe("1\n0");
  });
});
