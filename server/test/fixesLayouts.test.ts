// Fixes under generated layouts: heads, indentation, line endings, nesting, comments, one-line suites and
// strings in all combinations of a seeded choice. A failure prints the text it failed on.
import { beforeAll, describe, expect, test } from "vitest";
import { applyEdits } from "../src/fixes/fix.ts";
import { added, Bench, compileErrors, tally } from "./fixesHarness.ts";

/** mulberry32: the same texts on every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const heads = ["", "#!/usr/bin/env python\n# coding: utf-8\n", "# Licence.\n\n", "# About what follows.\n"];
const docstrings = ["", '"""One line."""\n', "'''Two\nlines.'''\n\n", 'r"""Raw""" # noqa\n'];
const futures = [
  "",
  "from __future__ import annotations\n",
  "from __future__ import annotations; import re\n",
];
const imports = [
  "",
  "import os\n",
  "import os, sys\nimport zlib\n",
  "import threading\n",
  "import threading as th  # threads\n",
  "from threading import Lock\n",
  "from threading import (\n    Event,\n    Lock as L,\n)\n",
  "from os import path\n\nimport yaml\n",
  "try:\n    import threading\nexcept ImportError:\n    threading = None\n",
  "def lazily():\n    import threading\n    return threading\n\n",
];
const tails = ["", "  # kept", ";", "; print('x')", "; print('y')  # both"];

/** Statements with a race each; X stands for the shared expression. */
const races = [
  ["X += 1"],
  ["X = X + 1"],
  ["X += (1 +", "2)"],
  ["X += 1 + \\", "  2"],
  ['X += len("""a', "b", '""")'],
  ["X += len('a\\", "b')"],
  ["X += len(f'''{1:", "}", "''')"],
];

/** Ways of standing around a statement; each adds lines and says how deep the statement then is. */
type Wrapping = (statement: string[], unit: string) => string[];
const indent = (lines: string[], unit: string) => {
  let isInString = false;
  return lines.map((line) => {
    const plain = isInString || line === "";
    if ((line.match(/"""|'''/g)?.length ?? 0) % 2 === 1) isInString = !isInString;
    return plain ? line : unit + line;
  });
};
const wrappings: Wrapping[] = [
  (s) => s,
  (s, unit) => ["if True:", ...indent(s, unit)],
  (s, unit) => ["for i in range(2):", "", ...indent(s, unit), `${unit}# end of the loop`],
  (s, unit) => ["try:", ...indent(["pass"], unit), "finally:", ...indent(s, unit), "print(1)"],
  (s, unit) => ["# first", "", "with open('f') as f:", ...indent(["# inner", ...s], unit), "# last"],
  (s, unit) => ["match 1:", `${unit}case 1:`, ...indent(indent(s, unit), unit)],
  (s, unit) => ["if False:", `${unit}pass`, "elif True:", ...indent(s, unit), "else: pass"],
  (s) => [`if True: ${s[0]}`, ...s.slice(1)],
  (s) => [`for i in range(2): print(i); ${s[0]}`, ...s.slice(1)],
  (s) => [`print('a'); ${s[0]}`, ...s.slice(1)],
];

type Owner = (body: string[], unit: string) => { lines: string[]; shared: string };
const owners: Owner[] = [
  (body, unit) => ({
    shared: "total",
    lines: [
      "total = 0  # shared",
      "def add(a, b=')'):",
      ...indent(["'''Doc.'''", "global total", ...body], unit),
    ],
  }),
  (body, unit) => ({
    shared: "total",
    lines: ["@staticmethod", "def add():", ...indent(["global total", ...body], unit), "", "total = 0"],
  }),
  (body, unit) => ({
    shared: "this.total",
    lines: [
      "class Box(object):",
      ...indent(
        ["def __init__(this):", `${unit}this.total = 0`, "", "def add(this):", ...indent(body, unit)],
        unit,
      ),
    ],
  }),
  (body, unit) => ({
    shared: "self.total",
    lines: [
      "class Box:",
      ...indent(["'''Doc.'''", "total = 0", "def add(self):", ...indent(body, unit)], unit),
    ],
  }),
  (body, unit) => ({
    shared: "self.total",
    lines: [
      "class Box:",
      ...indent(["__slots__ = 'total', 'x'", "def __init__(self): self.total = 0", "def add(self):"], unit),
      ...indent(indent(body, unit), unit),
    ],
  }),
  (body, unit) => ({
    shared: "Box.total",
    lines: [
      "class Box:",
      `${unit}total: int = 0`,
      `${unit}async def add(self):`,
      ...indent(indent(body, unit), unit),
    ],
  }),
  (body, unit) => ({
    shared: "total",
    lines: [
      "from concurrent.futures import ThreadPoolExecutor",
      "def outer(total):",
      ...indent(["def add():", ...indent(["nonlocal total", ...body], unit)], unit),
      ...indent(["with ThreadPoolExecutor() as pool:", `${unit}pool.submit(add); pool.submit(add)`], unit),
    ],
  }),
];

function generate(seed: number): string {
  const next = random(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const unit = pick(["    ", "  ", "\t", "   "]);
  let statement = [...pick(races)];
  statement[statement.length - 1] += pick(tails);
  for (let depth = Math.floor(next() * 3); depth >= 0; depth -= 1) {
    const wrapping = pick(statement.length > 1 || depth > 0 ? wrappings.slice(0, 7) : wrappings);
    statement = wrapping(statement, unit);
  }
  const { lines, shared } = pick(owners)(statement, unit);
  const body = lines.join("\n").replaceAll("X", shared);
  const head = pick(heads) + pick(docstrings) + pick(futures) + pick(imports);
  const text = head + pick(["", "\n"]) + body + pick(["", "\n", "\n\n# end\n"]);
  return pick([false, true]) ? text.replaceAll("\n", "\r\n") : text;
}

describe("600 generated layouts", () => {
  const seeds = Array.from({ length: 600 }, (_, i) => i + 1);
  let bench: Bench;
  const results: { seed: number; text: string; fixed: string }[] = [];
  const texts = seeds.map(generate);

  beforeAll(async () => {
    bench = await Bench.start({ concurrency: "library", target: "3.13" });
  });

  test("are Python to begin with", async () => {
    const errors = await compileErrors(texts);
    expect(texts.filter((_, i) => errors[i] !== null)).toEqual([]);
  });

  test("lose their finding and get no other", () => {
    let offered = 0;
    texts.forEach((text, i) => {
      const before = bench.findings(text);
      expect.soft(before.length, text).toBeGreaterThan(0);
      for (const finding of before) {
        const key = `${finding.rule} ${finding.symbol} ${finding.function}`;
        for (const fix of bench.fixes(finding, text)) {
          if (fix.disabled !== undefined) continue;
          offered += 1;
          const fixed = applyEdits(text, fix.edits);
          const after = bench.findings(fixed);
          expect.soft(tally(after).get(key) ?? 0, fixed).toBeLessThan(tally(before).get(key)!);
          expect.soft(added(before, after), fixed).toEqual([]);
          results.push({ seed: seeds[i]!, text, fixed });
        }
      }
    });
    // Few layouts have a reason to be refused.
    expect(offered).toBeGreaterThan(550);
  });

  test("compile afterwards", async () => {
    const errors = await compileErrors(results.map(({ fixed }) => fixed));
    expect(results.filter((_, i) => errors[i] !== null).map(({ fixed }, i) => [errors[i], fixed])).toEqual(
      [],
    );
  });

  test("keep their tokens: only the lock and its lines are new", () => {
    for (const { text, fixed } of results) {
      const words = (source: string) => source.match(/[\w']+|"""/g) ?? [];
      const left = words(fixed);
      let at = 0;
      for (const word of words(text)) {
        while (at < left.length && left[at] !== word) at += 1;
        expect(at, `${word} is lost in\n${fixed}`).toBeLessThan(left.length);
        at += 1;
      }
    }
  });

  test("keep their line endings and the inside of their strings", () => {
    for (const { text, fixed } of results) {
      if (text.includes("\r\n")) expect(fixed.replaceAll("\r\n", ""), fixed).not.toMatch(/[\r\n]/);
      else expect(fixed).not.toContain("\r");
      for (const [string] of text.matchAll(/"""[\s\S]*?"""|'''[\s\S]*?'''/g)) expect(fixed).toContain(string);
    }
  });

  test("have nothing left to fix in the end", () => {
    for (const text of texts.slice(0, 100)) {
      const { text: fixed } = bench.fixAll(text);
      expect(bench.fixAll(fixed).text).toBe(fixed);
    }
  });
});
