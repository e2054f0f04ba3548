// Which lock is offered first, what its title says of the cost, and which of them nothing applies unasked.
import { beforeAll, describe, expect, test } from "vitest";
import { Bench } from "./fixesHarness.ts";

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start({ concurrency: "library", target: "3.13" });
});

/** The fixes of the first finding about a symbol, in this function if one is given. */
function offered(text: string, symbol: string, fn = "") {
  const finding = bench.findings(text).find((one) => one.symbol === symbol && one.function.endsWith(fn));
  expect(finding, text).toBeDefined();
  return bench.fixes(finding!, text);
}

const shared = (init: string, ...methods: string[]) =>
  [
    "import socket",
    "import threading",
    "from collections import deque",
    "",
    "",
    "class Shared:",
    "    def __init__(self, url):",
    "        self.url = url",
    ...init.split("\n").map((line) => `        ${line}`),
    "",
    ...methods.flatMap((method) => [...method.split("\n").map((line) => `    ${line}`), ""]),
  ].join("\n");

describe("which lock", () => {
  const add = "def add(self):\n    self.n += 1";
  const listed = "def listed(self):\n    with self._lock:\n        return list(self.names)";
  const named = "self._lock = threading.Lock()\nself.names = []\nself.n = 0";

  test("the one of the object comes first, one of the data's own second", () => {
    const titles = offered(shared(named, add, listed), "self.n").map(({ title }) => title);
    expect(titles[0]).toMatch(/^Guard with `self\._lock` /);
    expect(titles[1]).toMatch(/^Guard with a new lock `self\._n_lock` /);
  });

  test("not where the object has two, or makes it later", () => {
    const two = shared(
      `self._mutex = threading.Lock()\n${named}`,
      add,
      listed,
      "def x(self):\n    self._mutex",
    );
    expect(offered(two, "self.n")[0]!.title).toContain("a new lock");
    const late = shared("self.n = 0", "def open(self):\n    self._lock = threading.Lock()", add);
    expect(offered(late, "self.n")[0]!.title).toContain("a new lock");
  });

  test("not where a plain lock would meet its holder", () => {
    const first =
      "def first(self):\n    if self.found is None:\n        self.found = self.url.resolve_all()\n    return self.found";
    const titles = offered(shared(`${named}\nself.found = None`, first, listed), "self.found");
    expect(titles[0]!.title).toContain("a new lock `self._found_lock`");
  });
});

describe("applied unasked", () => {
  const connected =
    "def connected(self):\n    if self.link is None:\n        self.link = socket.create_connection(self.url)\n    return self.link";
  const replaced =
    "def replaced(self):\n    self.link = wrapped(self.link, socket.create_connection(self.url))";

  test("is a lock around what is made once, even from a network", () => {
    const [fix] = offered(shared("self.link = None", connected), "self.link");
    expect(fix).toMatchObject({ isPreferred: true });
    expect(fix!.title).toContain("also while `socket.create_connection()` runs");
  });

  test("is no lock that is held while a function of the same file asks a network", () => {
    const linked =
      "def linked(self):\n    self.link = self._over(self.link)\n\n" +
      "def _over(self, link):\n    return wrapped(link, socket.create_connection(self.url))";
    const [fix] = offered(shared("self.link = None", linked), "self.link");
    expect(fix).toMatchObject({ isPreferred: false });
    expect(fix!.title).toContain("also while `_over()` runs");
  });

  test("is no other lock that is held while a network answers", () => {
    const [fix] = offered(shared("self.link = None", replaced), "self.link");
    expect(fix).toMatchObject({ isPreferred: false });
    expect(fix!.edits.length).toBeGreaterThan(0);
  });

  test("is no change of more than twelve places", () => {
    const methods = (count: number) =>
      Array.from({ length: count }, (_, i) => `def add${i}(self):\n    self.n += ${i}`);
    expect(offered(shared("self.n = 0", ...methods(12)), "self.n")[0]).toMatchObject({ isPreferred: true });
    expect(offered(shared("self.n = 0", ...methods(13)), "self.n")[0]).toMatchObject({ isPreferred: false });
  });

  test("is no lock at one place of several that all need it", () => {
    const waiting = "def waited(self):\n    self.n += int(input())";
    const [every, one] = offered(shared("self.n = 0", "def add(self):\n    self.n += 1", waiting), "self.n");
    expect(every!.disabled).toContain("may wait for ever");
    expect(one).toMatchObject({ isPreferred: false });
    expect(one!.edits.length).toBeGreaterThan(0);
  });
});

test("iterators that are given away are left out, and named", () => {
  const line = shared(
    "self._lock = threading.Lock()\nself.waiting = deque()",
    "def join(self, who):\n    with self._lock:\n        self.waiting.append(who)",
    "def leave(self):\n    with self._lock:\n        self.waiting.popleft()",
    "def again(self, who):\n    self.waiting.remove(who)\n    self.waiting.append(who)",
    "def order(self):\n    return enumerate(self.waiting)",
  );
  const [fix] = offered(line, "self.waiting", ".again");
  expect(fix!.title).toContain(", but for iterators returned by `order`, with `self._lock`");
});

describe("a class without `__init__`", () => {
  const counted = "class Base:\n    n = 0\n\n    def add(self):\n        self.n += 1\n";
  const told = "subclasses have to call its new `__init__`";

  test.each([
    ["gets one of which its subclasses are told", `${counted}\n\nclass Below(Base):\n    pass\n`],
    ["has methods for them to fill", `${counted}\n    def draw(self):\n        raise NotImplementedError\n`],
  ])("%s", (_, text) => {
    expect(offered(text, "self.n")[0]!.title).toContain(told);
  });

  test("has nobody to tell where none are seen", () => {
    expect(offered(counted, "self.n")[0]!.title).not.toContain(told);
  });
});
