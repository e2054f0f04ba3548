/** Import statements of a text, and names of compiled files. */
import { describe, expect, it, test } from "vitest";
import { compiledFile } from "../src/imports/moduleFiles.ts";
import { sourceImports } from "../src/imports/sourceImports.ts";

describe("import statements of a text", () => {
  const read = (text: string) =>
    sourceImports(text, { version: [3, 13], system: "linux" }).map(({ module, level, names, runs }) => [
      `${".".repeat(level)}${module}`,
      names.join(","),
      runs,
    ]);

  it("in all their shapes, with exact places", () => {
    const text =
      "import a, b.c as d ,e\nfrom . import (x, # why\n  y as z)\nfrom ..m.n \\\n  import *\nif x: import f; import g\n";
    expect(read(text)).toEqual([
      ["a", "", "always"],
      ["b.c", "", "always"],
      ["e", "", "always"],
      [".", "x,y", "always"],
      ["..m.n", "*", "always"],
      ["f", "", "maybe"],
      ["g", "", "maybe"],
    ]);
    for (const { start, end, module, level } of sourceImports(text, { version: [3, 13], system: "linux" })) {
      expect(text.slice(start, end)).toBe(`${".".repeat(level)}${module}`);
    }
  });

  it("not in strings, comments or brackets, whatever is open", () => {
    const text =
      "'''\nimport no\n'''\n# import no\nx = (\n'import no',\n)\ny = r'\\'\ns = 'it''s'\nimport yes\nz = f(\nimport also\n";
    expect(read(text)).toEqual([
      ["yes", "", "always"],
      ["also", "", "always"],
    ]);
  });

  it("by when they run", () => {
    const text =
      "class C:\n    import a\n    def f(self):\n        import b\ntry:\n    import c\nfinally:\n    import d\nwith x:\n\timport e\nfor _ in x:\n    import f\nelse:\n    import g\nif not TYPE_CHECKING:\n    import h\nelif x:\n    import i\nelse:\n    import j\nif sys.version_info[:2] >= (3, 14) or sys.platform == 'win32':\n    import k\n";
    expect(Object.fromEntries(read(text).map(([module, , runs]) => [module, runs]))).toEqual({
      a: "always",
      b: "called",
      c: "always",
      d: "always",
      e: "always",
      f: "maybe",
      g: "maybe",
      h: "always",
      i: "never",
      j: "never",
      k: "never",
    });
  });
});

test("names of compiled files say which build looks at them", () => {
  const use = (name: string, minor: number, freeThreaded: boolean) =>
    compiledFile(name, { version: [3, minor], freeThreaded, system: "linux" })?.use;
  expect(use("a.cpython-313t-x86_64-linux-gnu.so", 13, true)).toBe("loads");
  expect(use("a.cp313t-win_amd64.pyd", 13, true)).toBe("loads");
  expect(use("a.cpython-313-darwin.so", 13, true)).toBe("another");
  expect(use("a.cpython-313t-darwin.so", 13, false)).toBe("another");
  expect(use("a.abi3.so", 13, true)).toBe("mismatched");
  expect(use("a.abi3.so", 15, true)).toBe("another");
  expect(use("a.abi3.so", 13, false)).toBe("loads");
  expect(use("a.abi3t.so", 15, true)).toBe("loads");
  expect(use("a.so", 15, true)).toBe("loads");
  expect(use("a.pypy310-pp73-x86_64-linux-gnu.so", 13, true)).toBe("another");
  expect(use("libx.so.1", 13, true)).toBeUndefined();
});
