// `lazy import` is read at its place, whatever the grammar thinks of it, also while it is being typed.
import { beforeAll, expect, it } from "vitest";
import { collectFacts } from "../src/facts/collect.ts";
import { loadParser, type PythonParser } from "../src/syntax/parser.ts";

let parser: PythonParser;
beforeAll(async () => {
  parser = await loadParser();
});

const imported = (text: string) => {
  const tree = parser.parse(text);
  const items = collectFacts(tree).imports;
  return {
    hasError: tree.hasError,
    items: items.map((i) => [i.local, i.isLazy, text.slice(i.start, i.end)]),
  };
};

it("reads lazy imports as imports, at their offsets", () => {
  const text = `import os\nlazy import json\nif os.name == "nt":\n\tlazy  from a.b import (c as d)\nlazy = 1\n`;
  expect(imported(text)).toEqual({
    hasError: false,
    items: [
      ["os", false, "import os"],
      ["json", true, "import json"],
      ["d", true, "from a.b import (c as d)"],
    ],
  });
});

it("knows modules named in __lazy_modules__", () => {
  const text = `__lazy_modules__ = ["json", 'a.b']\nimport json, os\nimport a.b\n\ndef f():\n    import json\n`;
  expect(imported(text).items).toEqual([
    ["json", true, "import json, os"],
    ["os", false, "import json, os"],
    ["a", true, "import a.b"],
    ["json", false, "import json"],
  ]);
});

it("leaves names, attributes and strings called lazy alone", () => {
  const text = `lazy = lazy.load\nprint("lazy import x")\n"""\nlazy import y\n"""\nlazy\n`;
  expect(imported(text)).toEqual({ hasError: false, items: [] });
});

it("follows an edit that makes an import lazy", () => {
  const document = parser.open("import json\n");
  const before = collectFacts(document.update("import json\n")).imports[0];
  const after = collectFacts(document.update("lazy import json\n")).imports[0];
  document.close();
  expect([before?.isLazy, before?.start, after?.isLazy, after?.start]).toEqual([false, 0, true, 5]);
});
