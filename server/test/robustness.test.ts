// Bad input ends in fewer findings, never in a crash or a stall.
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { standardLibrary } from "../../scripts/standardLibrary.ts";
import { Workspace } from "../src/analysis/workspace.ts";

const racy = `
import threading
hits = 0
def work():
    global hits
    hits += 1
for _ in range(4):
    threading.Thread(target=work).start()
`;

let workspace: Workspace;
beforeEach(async () => {
  workspace = await Workspace.create({ concurrency: "library", target: "3.13", preview: true });
});

const check = (text: string) => {
  workspace.update("/main.py", text);
  return workspace.findings("/main.py");
};

describe("strange files", () => {
  it.each([
    ["nothing", ""],
    ["only a comment", "# -*- coding: utf-8 -*-"],
    ["no newline at the end", "x = 1"],
    ["null characters", "x = 1\0\0\ny = 2\n"],
    ["lone surrogates", "x = '\ud800'\ny = 1\n"],
    ["replacement characters", "x = '\ufffd\ufffd'\n"],
    ["a byte order mark", "\ufeffimport threading\n"],
    [
      "binary rubbish",
      Array.from({ length: 4000 }, (_, i) => String.fromCharCode((i * 7919) % 256)).join(""),
    ],
    ["only opening brackets", "(".repeat(3000)],
    ["only indentation", `${" ".repeat(3000)}x`],
    ["Python 2", "print 'x'\nexec 'y'\nraise E, 'z'\n"],
    ["dynamic code", "exec('x=1')\nglobals()['a'] = 1\ngetattr(x, y)()\nsetattr(a, b, c)\n"],
  ])("takes %s", (_, text) => {
    expect(() => check(text)).not.toThrow();
  });

  it("takes expressions nested 5,000 deep", () => {
    for (const [open, close] of [
      ["(", ")"],
      ["[", "]"],
      ["f(", ")"],
      ["-", ""],
      ["not ", ""],
      ["lambda: ", ""],
    ] as const) {
      expect(() => check(`${racy}x = ${open.repeat(5000)}1${close.repeat(5000)}\n`)).not.toThrow();
    }
    expect(() => check(`${racy}x = ${"a.b(c)[d]".repeat(1)}${".e".repeat(5000)}\n`)).not.toThrow();
    expect(() => check(`${racy}x = ${"1 + ".repeat(5000)}1\n`)).not.toThrow();
    expect(() => check(`${racy}${"if x:\n".split("").join("")}`)).not.toThrow();
  });

  it("takes blocks and functions nested deeply, and still finds what stands before them", () => {
    let code = racy;
    for (let i = 0; i < 300; i += 1) code += `${" ".repeat(i)}if x:\n`;
    code += `${" ".repeat(300)}pass\n`;
    for (let i = 0; i < 100; i += 1) code += `${" ".repeat(i)}def f${i}():\n`;
    code += `${" ".repeat(100)}pass\n`;
    expect(check(code).map((f) => f.rule)).toContain("global-read-modify-write");
  });

  it("takes 20,000 generated lines", () => {
    const lines = Array.from({ length: 20_000 }, (_, i) => `TABLE_${i} = {"a": ${i}, "b": [${i}, ${i + 1}]}`);
    expect(check(`${racy}${lines.join("\n")}\n`).map((f) => f.rule)).toEqual(["global-read-modify-write"]);
  });

  it("takes cyclic imports, star imports, cyclic classes and missing modules", () => {
    workspace.update(
      "/a.py",
      "from b import *\nfrom b import x as y\nimport nowhere.at_all\nclass A(B): pass\nx = y\n",
    );
    workspace.update("/b.py", "from a import *\nfrom a import y as x\nclass B(A): pass\ny = x\n");
    workspace.update(
      "/c.py",
      "import a, b\nclass C(C): pass\nv = w\nw = v\ndef f():\n    global v\n    v += 1\n    a.x.z += 1\n",
    );
    expect(() => workspace.allFindings()).not.toThrow();
  });
});

describe("half-typed code", () => {
  it("keeps the findings elsewhere in the file at every keystroke", () => {
    const typed =
      "\ndef more(a, b=[1]):\n    with open(a) as f:\n        for x in f:\n            print(f'{x!r:>{b}}')\n";
    expect(check(racy).map((f) => f.rule)).toEqual(["global-read-modify-write"]);
    const lost: string[] = [];
    for (let i = 1; i <= typed.length; i += 1) {
      const rules = check(racy + typed.slice(0, i)).map((f) => f.rule);
      if (!rules.includes("global-read-modify-write")) lost.push(typed.slice(0, i));
    }
    expect(lost).toEqual([]);
  });

  it("keeps the findings below the line that is being typed", () => {
    const typed = [
      "def oops(",
      "class A(B",
      "x = [1, (2",
      "if x == {",
      "for i in range(",
      "return {'a': [",
      "@decorator(",
      "import (",
      "lambda x: (",
    ];
    for (const line of typed) {
      const lost: string[] = [];
      check(racy.replace("def work", "\n\ndef work"));
      for (let i = 1; i <= line.length; i += 1) {
        const text = racy.replace("def work", `${line.slice(0, i)}\n\ndef work`);
        if (!check(text).some((f) => f.rule === "global-read-modify-write")) lost.push(line.slice(0, i));
      }
      expect(lost).toEqual([]);
    }
  });

  it("reads around a syntax error", () => {
    const broken = racy.replace("def work", "def oops(:\n    x = = 1\n\ndef work");
    expect(check(broken).map((f) => f.rule)).toContain("global-read-modify-write");
  });
});

it("analyses real files with random damage", async () => {
  const folder = await standardLibrary();
  const files = readdirSync(folder).filter((f) => f.endsWith(".py"));
  let random = 12345;
  const next = (limit: number) => {
    random = (random * 1103515245 + 12345) & 0x7fffffff;
    return random % limit;
  };
  for (const name of files.slice(0, 60)) {
    const text = readFileSync(path.join(folder, name), "utf8");
    const at = next(text.length + 1);
    const damage = ["(", '"""', "\n\t  ", "def ", "class :", "lambda", "\\", "}", "async with"][next(9)]!;
    expect(() => check(text.slice(0, at) + damage + text.slice(at + next(40)))).not.toThrow();
  }
}, 120_000);

it("gives the same findings after edits as from scratch", async () => {
  const steps = [
    racy,
    racy.replace("hits += 1", "hits -= 1"),
    `import os\n${racy}`,
    racy.replace("global hits", "pass"),
    racy,
  ];
  for (const step of steps) {
    workspace.update("/other.py", `from main import hits\nvalue = ${step.length}\n`);
    const found = check(step).map((f) => [f.rule, f.range.start]);
    const fresh = await Workspace.create({ concurrency: "library", target: "3.13", preview: true });
    fresh.update("/other.py", `from main import hits\nvalue = ${step.length}\n`);
    fresh.update("/main.py", step);
    expect(found).toEqual(fresh.findings("/main.py").map((f) => [f.rule, f.range.start]));
  }
});

it("sees in one file what an edit changes in another's context manager", async () => {
  const locks = (body: string) =>
    `import contextlib\nimport threading\n\n_lock = threading.Lock()\n\n\n@contextlib.contextmanager\ndef alone():\n    ${body}\n        yield\n`;
  const user = racy
    .replace("import threading", "import threading\n\nfrom guards import alone")
    .replace("    hits += 1", "    with alone():\n        hits += 1");
  const guarded = await Workspace.create({ concurrency: "library", target: "3.13" });
  guarded.update("/guards.py", locks("with _lock:"));
  guarded.update("/main.py", user);
  const rules = () => guarded.findings("/main.py").map(({ rule }) => rule);
  expect(rules()).toEqual([]);
  guarded.update("/guards.py", locks("if _lock:"));
  expect(rules()).toContain("global-read-modify-write");
  guarded.update("/guards.py", locks("with _lock:"));
  expect(rules()).toEqual([]);
});
