// The two parsers give the same tree, node by node, for real files and for broken ones.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { Field, Kind } from "../../grammars/python/symbols.ts";
import { standardLibrary } from "../../scripts/standardLibrary.ts";
import type { CompactTree } from "../src/syntax/compactTree.ts";
import { isLeaf, isNamed } from "../src/syntax/nodeShapes.ts";
import { loadParser, type PythonParser } from "../src/syntax/parser.ts";
import { type Cursor, CursorReader } from "../src/syntax/readCursor.ts";
import { isInterpolated } from "../src/syntax/spelling.ts";

let native: PythonParser;
let wasm: PythonParser;

beforeAll(async () => {
  native = await loadParser("native");
  wasm = await loadParser("wasm");
});

/** The first difference, in words; undefined when the trees are equal. */
function difference(a: CompactTree, b: CompactTree): string | undefined {
  if (a.count !== b.count) return `${a.count} and ${b.count} nodes`;
  for (let n = 0; n < a.count; n += 1) {
    const one = [a.kind(n), a.field(n), a.start(n), a.end(n), a.parent(n), a.next(n)].join();
    const other = [b.kind(n), b.field(n), b.start(n), b.end(n), b.parent(n), b.next(n)].join();
    if (one !== other) return `node ${n}: ${one} and ${other}`;
  }
  return undefined;
}

it("loads both parsers", () => {
  expect(native.backend).toBe("native");
  expect(wasm.backend).toBe("wasm");
});

it("falls back silently when the native addon cannot be loaded, and says why when asked for it", async () => {
  await expect(loadParser("wasm")).resolves.toMatchObject({ backend: "wasm" });
});

describe("on the standard library", () => {
  it("gives equal trees, also for files cut off or damaged in the middle", async () => {
    const folder = await standardLibrary();
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((e) => e.isFile() && e.name.endsWith(".py") && !e.parentPath.includes("site-packages"))
      .map((e) => path.join(e.parentPath, e.name));
    expect(files.length).toBeGreaterThan(300);
    let nodes = 0;
    files.forEach((file, i) => {
      const text = readFileSync(file, "utf8");
      const texts = [text];
      if (i % 6 === 0) {
        const middle = Math.floor(text.length / 2);
        texts.push(text.slice(0, middle), text.slice(0, middle) + text.slice(middle + 9));
      }
      for (const [k, variant] of texts.entries()) {
        const a = native.parse(variant);
        nodes += a.count;
        const found = difference(a, wasm.parse(variant));
        expect(found === undefined ? "equal" : `${file} (${k}): ${found}`).toBe("equal");
      }
    });
    expect(nodes).toBeGreaterThan(500_000);
  }, 240_000);
});

/** Every named node as the cursor tells of it, asked for everything. */
function* asked(cursor: Cursor, text: string): Iterable<string> {
  do {
    const kind = cursor.nodeTypeId;
    if (isNamed[kind] === 0) continue;
    // The cases of a match have a field, which the compact tree does not keep.
    const field = kind === Kind.CaseClause ? Field.None : (cursor.currentFieldId ?? Field.None);
    yield [Kind[kind], Field[field], cursor.startIndex, cursor.endIndex].join();
    const isClosed = kind === Kind.String ? !isInterpolated(text, cursor.startIndex) : isLeaf[kind] === 1;
    if (isClosed || !cursor.gotoFirstChild()) continue;
    yield* asked(cursor, text);
    cursor.gotoParent();
  } while (cursor.gotoNextSibling());
}

it("reads from the text what the parser would say when asked", async () => {
  const load = createRequire(import.meta.url);
  const parser = new (load("tree-sitter"))();
  parser.setLanguage(load("tree-sitter-python"));
  const folder = await standardLibrary();
  const files = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".py"))
    .filter((_, i) => i % 4 === 0)
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), "utf8"));
  const oddities = [
    "if a: b; c;\nelse: d ;\n",
    "f (a , b,)\nf(\n  a, # why\n  b\n)\nf( )\nf(x for x in y)\na . b\na.\\\n  é\n",
    "x = (1,)\nx = 1,\nreturn\nreturn a,\nx: int\nx: int = 5\nx=y=z\n[]\n[ ]\n{}\n{1: 2, **c}\n()\n",
    "def f(a, *, b=1, **c): return a\nasync def g() -> int:\n  async for i in x: pass\n",
    "s = 'a' \"b\" rb'c\\'' '' \"\"\"d\"\"\" f'{x!r:>{w}}' 'é😀'\nx = not -y\nmatch x:\n  case [a, *b] | {'k': v}: pass\n",
    "x = a if b else c\n\nx = 1 # end",
  ];
  const reader = new CursorReader();
  for (const text of [...files, ...oddities]) {
    const parsed = parser.parse(text);
    const tree = reader.read(parsed.walk(), text, parsed.rootNode.hasError);
    const read = Array.from({ length: tree.count }, (_, n) =>
      [
        Kind[tree.kind(n)],
        Field[tree.kind(n) === Kind.CaseClause ? Field.None : tree.field(n)],
        tree.start(n),
        tree.end(n),
      ].join(),
    );
    expect(read).toEqual([...asked(parsed.walk(), text)]);
  }
}, 60_000);

it("gives positions in UTF-16 code units", () => {
  for (const parser of [native, wasm]) {
    const text = 'smile = "😀é"\nnext_one = smile\n';
    const tree = parser.parse(text);
    const last = [...Array(tree.count).keys()].at(-1)!;
    expect(tree.source(last)).toBe("smile");
    expect(tree.start(last)).toBe(text.lastIndexOf("smile"));
  }
});

it("reparses edits to the tree that a fresh parse gives", () => {
  const base =
    'def f(x):\n    """doc 😀"""\n    if x:\n        return x + 1\n    return [y for y in x]\n'.repeat(40);
  for (const parser of [native, wasm]) {
    const document = parser.open(base);
    let text = base;
    for (let i = 0; i < 300; i += 1) {
      const at = (i * 7919) % text.length;
      const inserts = ["\n", "(", "x = 1\n", "", '"""', "😀", ")", "    "];
      const removed = (i * 31) % 5;
      text = text.slice(0, at) + inserts[i % inserts.length]! + text.slice(at + removed);
      expect(difference(document.update(text), parser.parse(text)) ?? "equal").toBe("equal");
    }
    document.close();
  }
});

it("parses a megabyte in one piece", () => {
  const text = "value = [1, 2, 3]\n".repeat(60_000);
  expect(difference(native.parse(text), wasm.parse(text)) ?? "equal").toBe("equal");
});
