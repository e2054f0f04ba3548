// What a file's summary says about names: the scope rules of Python, seen through the accesses.
import { beforeAll, describe, expect, it } from "vitest";
import { collectFacts } from "../src/facts/collect.ts";
import type { FileFacts } from "../src/facts/facts.ts";
import { loadParser, type PythonParser } from "../src/syntax/parser.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await loadParser();
});

const facts = (code: string): FileFacts => collectFacts(parser.parse(code));

/** Every access as `function: operation root name.path`. */
function accesses(code: string): string[] {
  const summary = facts(code);
  return summary.accesses.map((a) => {
    const place = summary.places[a.place]!;
    const fn = summary.functions[a.fn]!.qualifiedName;
    return `${fn}: ${a.op} ${place.root} ${[place.name, ...place.path].filter((p) => p !== "").join(".")}`;
  });
}

describe("scopes", () => {
  it("follows global and keeps a local of the same name apart", () => {
    const found = accesses("n = 0\ndef f():\n    global n\n    n += 1\ndef g():\n    n = 1\n    n += 1\n");
    expect(found).toContain("f: augment global n");
    expect(found.filter((a) => a.startsWith("g:"))).toEqual([]);
  });

  it("follows nonlocal to the function that owns the variable", () => {
    const summary = facts("def outer():\n    n = 0\n    def inner():\n        nonlocal n\n        n += 1\n");
    const update = summary.accesses.find((a) => a.op === "augment")!;
    const place = summary.places[update.place]!;
    expect(place.root).toBe("local");
    expect(summary.functions[place.owner]!.name).toBe("outer");
    expect(summary.functions[update.fn]!.name).toBe("inner");
  });

  it("does not see a class body's names from its methods", () => {
    const found = accesses("x = {}\nclass A:\n    x = 1\n    def f(self):\n        x['k'] = 1\n");
    expect(found).toContain("A.f: item-store global x");
    expect(found).toContain("<module>: rebind class x");
  });

  it("keeps comprehension variables to themselves", () => {
    const found = accesses("d = {}\ndef f(items):\n    d2 = [d for d in items]\n    d['k'] = 1\n");
    expect(found).toContain("f: item-store global d");
    expect(found).not.toContain("f: read global d");
  });

  it("binds loop targets, with targets, except names, walrus names and match captures locally", () => {
    const code = `
a = b = c = e = m = {}
def f(x):
    for a in x: a["k"] = 1
    with open(x) as b: b["k"] = 1
    try: pass
    except OSError as e: e["k"] = 1
    if (c := x): c["k"] = 1
    match x:
        case [m]: m["k"] = 1
`;
    expect(accesses(code).filter((a) => a.includes("item-store global"))).toEqual([]);
  });

  it("binds annotated assignments, and reads nothing from annotations", () => {
    const found = accesses(
      "limit: int = 3\ndef f():\n    global limit\n    limit: int = 4\n    other: limit = 1\n",
    );
    expect(found.filter((a) => a === "f: rebind global limit")).toHaveLength(1);
    expect(found).not.toContain("f: read global limit");
  });

  it("resolves imports under their local names", () => {
    const summary = facts(
      "import os.path as p, sys\nfrom .pkg.mod import thing as t, other\nfrom x import *\n",
    );
    expect(summary.imports.map((i) => [i.local, i.module, i.name, i.level])).toEqual([
      ["p", "os.path", "", 0],
      ["sys", "sys", "", 0],
      ["t", "pkg.mod", "thing", 1],
      ["other", "pkg.mod", "other", 1],
      ["*", "x", "*", 0],
    ]);
  });
});

describe("locks held", () => {
  const heldAt = (code: string, op: string): string[] => {
    const summary = facts(code);
    const access = summary.accesses.find((a) => a.op === op)!;
    const held: string[] = [];
    for (let at = access.context; at !== 0; at = summary.contexts[at]!.parent) {
      const context = summary.contexts[at]!;
      if (context.kind === "lock")
        held.push(summary.places[context.place]!.path.at(-1) ?? summary.places[context.place]!.name);
    }
    return held;
  };

  it("knows with, several items, and aliases", () => {
    const code =
      "class A:\n    def f(self):\n        l = self._lock\n        with l, self._other:\n            self.n += 1\n";
    expect(heldAt(code, "augment")).toEqual(["_other", "_lock"]);
  });

  it("knows acquire and release around a try", () => {
    const code =
      "def f():\n    global n\n    lock.acquire()\n    try:\n        n += 1\n    finally:\n        lock.release()\n    del n\n";
    expect(heldAt(code, "augment")).toEqual(["lock"]);
    expect(heldAt(code, "delete")).toEqual([]);
  });

  it("knows conditional acquires in both directions", () => {
    const inside = "def f():\n    global n\n    if lock.acquire(timeout=1):\n        n += 1\n";
    const after =
      "def f():\n    global n\n    if not lock.acquire(blocking=False):\n        return\n    n += 1\n";
    expect(heldAt(inside, "augment")).toEqual(["lock"]);
    expect(heldAt(after, "augment")).toEqual(["lock"]);
  });

  it("knows ExitStack", () => {
    const code = "def f(stack):\n    global n\n    stack.enter_context(lock)\n    n += 1\n";
    expect(heldAt(code, "augment")).toEqual(["lock"]);
  });
});

it("survives JSON: the summary is plain data", () => {
  const summary = facts(
    "import threading\nlock = threading.Lock()\nclass A:\n    def f(self):\n        with lock: self.n += 1\n",
  );
  const { lineStarts: _, ...plain } = summary;
  expect(JSON.parse(JSON.stringify(plain))).toEqual(plain);
});
