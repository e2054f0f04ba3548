// New locks in objects that are copied and pickled: what is done for copies to stand it, what copies are like on real
// interpreters, and where it is refused.
import { readFileSync } from "node:fs";
import path from "node:path";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import type { TextFix } from "../src/fixes/fix.ts";
import { Bench, python } from "./fixesHarness.ts";

const text = readFileSync(path.join(import.meta.dirname, "../../fixtures/fixes/copied.py"), "utf8");
let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ concurrency: "library", target: "3.13" });
});

function offered(code: string): TextFix {
  const finding = bench.findings(code).find(({ guard }) => guard?.scope === "instance");
  expect(finding, code).toBeDefined();
  return bench.fixes(finding!, code)[0]!;
}

/** Prints what a program with one thread sees of copies, and whether each has locks of its own. */
const seen = `
import sys
makers = [lambda: Progress(5), Journal, Board, lambda: Meter("m"), lambda: FineMeter("m"), lambda: Odometer("m"), Point, Votes, Filtered, Copier]
used = [("step",), ("write", "a"), ("score", "ann"), ("add", 2), ("add", 2), ("add", 2), ("move", 1, 2), ("vote", "x"), ("see",), ("make",)]
locks = []
for make, (name, *args) in zip(makers, used):
    one = make()
    getattr(one, name)(*args)
    # A shallow copy has containers of its own now, as the title says.
    shallow = () if isinstance(one, (Journal, Board, Votes)) else (copy.copy,)
    for way in (*shallow, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))):
        two = way(one)
        plain = lambda x: {k: str(v) for k, v in sorted(vars(x).items()) if not k.endswith("_lock")}
        print(type(two).__name__, plain(two))
        getattr(two, name)(*args)
        print(plain(one), plain(two))
        locks += [getattr(x, k) for x in (one, two) for k in vars(x) if k.endswith("_lock")]
print("locks", len(set(map(id, locks))), file=sys.stderr)
`;

/** Copies are taken while others count: each has to be of one moment. */
const hammered = `
import sys, threading
sys.setswitchinterval(1e-6)
def run(change, take, times):
    stop = threading.Event()
    def work():
        while not stop.is_set():
            change()
    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        return [take() for _ in range(times)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
point = Point()
points = run(lambda: point.move(1, 1), lambda: pickle.loads(pickle.dumps(point)), 100)
print("torn", sum(p.x != p.y for p in points))
import itertools
numbers = itertools.count()
failed = 0
for make, change in ((Board, "score"), (Votes, "vote")):
    shared = make()
    def take():
        global failed
        try:
            copy.deepcopy(shared), pickle.dumps(shared)
        except RuntimeError:
            failed += 1
    run(lambda: getattr(shared, change)(next(numbers) % 20_000), take, 5)
print("failed", failed)
print("locks", point._state_lock is not points[0]._state_lock)
class Noted:
    times = 0
    def __enter__(self):
        Noted.times += 1
    def __exit__(self, *error):
        pass
point._state_lock = Noted()
pickle.dumps(point)
board = Board()
print("held", Noted.times, "own", board.__getstate__()["points"] is not board.points)
`;

describe.each(["3.13", "3.13t"] as const)("on %s", (kind) => {
  const exe = python(kind);
  const run = (code: string) =>
    execa(exe!, ["-X", "gil=0".repeat(Number(kind === "3.13t")) || "dev", "-"], { input: code });

  test.skipIf(exe === undefined)("copies are what they were, each with locks of its own", async () => {
    const before = await run(text + seen);
    const after = await run(bench.fixAll(text).text + seen);
    expect(after.stdout).toBe(before.stdout);
    expect(before.stderr).toBe("locks 0");
    expect(after.stderr).toMatchInlineSnapshot(`"locks 34"`);
  });

  test.skipIf(exe === undefined)("copies made while others count are of one moment", async () => {
    const { stdout } = await run(bench.fixAll(text).text + hammered);
    expect(stdout.split("\n")).toEqual(["torn 0", "failed 0", "locks True", "held 1 own True"]);
  });
});

const copied = (init: string, body: string, { head = "class A:", more = "" } = {}) =>
  `import copy\nimport pickle\n\n\n${head}\n    def __init__(self):\n        ${init}\n\n    def step(self, k, v):\n        ${body}\n\n    def saved(self):\n        return pickle.dumps(self)\n${more}`;
const count = ["self.n = 0", "self.n += 1"] as const;
const put = ["self.d = {}", "if k not in self.d:\n            self.d[k] = v()"] as const;
const method = (name: string, ...lines: string[]) =>
  `\n    def ${name}:\n${lines.map((line) => `        ${line}\n`).join("")}`;

describe("the title says so, and nothing does it unasked", () => {
  test.each([copied(...count), copied(...put)])("%#", (code) => {
    const fix = offered(code);
    expect(fix.title).toContain("pickles and copies leave the lock out");
    expect(fix.title.includes("and have a `d` of their own")).toBe(code.includes("self.d"));
    expect(fix).toMatchObject({ isPreferred: false });
    expect(fix).not.toHaveProperty("isSafe");
  });

  test("types where the class has them", () => {
    const code = copied(...count).replace("def saved(self):", "def saved(self) -> bytes:");
    const written = offered(code)
      .edits.map(({ newText }) => newText)
      .join("");
    expect(written).toContain("def __getstate__(self) -> dict[str, object]:");
    expect(written).toContain("def __setstate__(self, state: dict[str, object]) -> None:");
  });
});

describe("nothing is written where copies are made by a call", () => {
  test.each([
    ["of the class", method("__reduce__(self)", "return type(self), ()")],
    ["with no state", method("__reduce__(self)", "return self.__class__, (), None")],
  ])("%s", (_, more) => {
    const fix = offered(copied(...count, { more }));
    expect(fix.title).not.toContain("pickle");
    expect(fix.edits.map(({ newText }) => newText).join("")).not.toContain("state");
  });

  test("a nested class speaks for its own objects only", () => {
    const nested =
      "class A:\n    class Part:\n        def __reduce__(self):\n            return object.__reduce__(self)\n";
    const code = copied(...count, { head: nested }).replace("pickle.dumps(self)", "self.n");
    expect(offered(code).title).toContain("can then not be pickled");
  });
});

describe("refused with the reason", () => {
  test.each([
    ["slots", copied(...count, { head: 'class A:\n    __slots__ = ("n",)\n' }), "listed by hand"],
    [
      "slots of a derived class",
      `${copied(...count)}\n\nclass B(A):\n    __slots__ = ("more",)\n`,
      "listed by hand",
    ],
    [
      "a base that is not known",
      copied(...count, { head: "from b import Base\n\n\nclass A(Base):" }),
      "`Base`",
    ],
    ["a base that is filled first", copied(...count, { head: "class A(dict):" }), "`dict`"],
    [
      "`__reduce__`",
      copied(...count, { more: method("__reduce__(self)", "return copy.copy, (1,), vars(self)") }),
      "`A.__reduce__`",
    ],
    [
      "`__copy__`",
      copied(...count, {
        more: method("__copy__(self)", "new = A.make()", "new.__dict__.update(self.__dict__)", "return new"),
      }),
      "`A.__copy__`",
    ],
    [
      "an alias",
      copied(...count, { more: "\n    def copy(self):\n        return vars(self)\n\n    __copy__ = copy\n" }),
      "`A.__copy__`",
    ],
    [
      "a state that is put together elsewhere",
      copied(...count, { more: method("__getstate__(self)", "return state_of(self)") }),
      "`__getstate__` decides",
    ],
    [
      "a state without a way back",
      copied(...count, { more: method("__getstate__(self)", "return self.n, 1") }),
      "no `__setstate__`",
    ],
    [
      "a state that is filled in its own way",
      copied(...count, {
        more: method("__setstate__(self, state)", "for k in state:", "    self.__dict__[k] = state[k]"),
      }),
      "`__setstate__` decides",
    ],
    [
      "a container that the copy shares",
      copied(...put, { more: method("again(self)", "return copy.copy(self)") }),
      "around the same `d`",
    ],
    ["a container that is not known", copied("self.d = made()", put[1]), "What `d` is"],
    [
      "containers in the container",
      copied("self.d = {}", "if k not in self.d:\n            self.d[k] = []\n        self.d[k].append(v)"),
      "has in it changes as well",
    ],
  ])("%s", (_, code, reason) => {
    expect(offered(code)).toMatchObject({ edits: [], disabled: expect.stringContaining(reason) });
  });
});
