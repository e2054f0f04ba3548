// Reading and finding Python files: encodings as CPython reads them, folders as git sees them.
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { decodePython } from "../src/sources/decodePython.ts";
import { findSources, isReached } from "../src/sources/findSources.ts";
import { readSource } from "../src/sources/readSource.ts";

describe("decoding", () => {
  const umlaut = "gr\u00fcn";
  test.each([
    ["plain UTF-8", Buffer.from(`s = "${umlaut}"`), `s = "${umlaut}"`],
    ["a byte-order mark", Buffer.from(`\uFEFFs = "${umlaut}"`), `s = "${umlaut}"`],
    [
      "a mark against the cookie",
      Buffer.from(`\uFEFF# coding: latin-1\n"${umlaut}"`),
      `# coding: latin-1\n"${umlaut}"`,
    ],
    ["latin-1", latin(`# -*- coding: latin-1 -*-\n"${umlaut}"`), `# -*- coding: latin-1 -*-\n"${umlaut}"`],
    [
      "iso_8859_1 on line 2",
      latin(`#!/usr/bin/python\n# coding=iso_8859_1\n"${umlaut}"`),
      `#!/usr/bin/python\n# coding=iso_8859_1\n"${umlaut}"`,
    ],
    [
      "vim's form",
      latin(`# vim: set fileencoding=iso-8859-15 :\n"${umlaut}"`),
      `# vim: set fileencoding=iso-8859-15 :\n"${umlaut}"`,
    ],
    ["cp1251", Buffer.from([...Buffer.from("# coding: cp1251\n"), 0xcf]), "# coding: cp1251\n\u041f"],
    [
      "shift_jis by its Windows name",
      Buffer.from([...Buffer.from("# coding: cp932\n"), 0x82, 0xa0]),
      "# coding: cp932\n\u3042",
    ],
  ])("%s", (_name, bytes, text) => {
    expect(decodePython(bytes)).toEqual({ text });
  });

  test.each([
    ["invalid bytes", Buffer.from([0x61, 0xff, 0x62]), "a\uFFFDb", "bytes that are not utf-8 were replaced"],
    [
      "a cookie below code",
      latin(`x = 1\n# coding: latin-1\n"${umlaut}"`),
      undefined,
      "bytes that are not utf-8 were replaced",
    ],
    [
      "an unknown encoding",
      Buffer.from("# coding: klingon\n"),
      "# coding: klingon\n",
      'unknown encoding "klingon", read as UTF-8',
    ],
  ])("notes %s", (_name, bytes, text, note) => {
    const decoded = decodePython(bytes);
    expect(decoded.note).toBe(note);
    expect(text ?? decoded.text).toBe(decoded.text);
  });

  function latin(text: string): Buffer {
    return Buffer.from(text, "latin1");
  }
});

describe("a folder", () => {
  let root: string;

  beforeEach(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), "threadproof-sources-")));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  async function have(files: Record<string, string>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(root, name)), { recursive: true });
      await writeFile(join(root, name), content);
    }
  }

  async function found(from = "."): Promise<string[]> {
    const names: string[] = [];
    for await (const path of findSources(join(root, from))) {
      names.push(relative(root, path).replaceAll("\\", "/"));
      expect(await isReached(join(root, from), path)).toBe(true);
    }
    return names;
  }

  test("is walked in a fixed order, files first", async () => {
    await have({ "b.py": "", "a/d.py": "", "a/c.pyw": "", "z.py": "", "a.txt": "", "B.py": "" });
    expect(await found()).toEqual(["B.py", "b.py", "z.py", "a/c.pyw", "a/d.py"]);
  });

  test("obeys nested ignore files, deeper ones first", async () => {
    await have({
      ".gitignore": "*_gen.py\n/top.py\n",
      "top.py": "",
      "a_gen.py": "",
      "sub/top.py": "",
      "sub/.gitignore": "!keep_gen.py\nlocal/\n",
      "sub/keep_gen.py": "",
      "sub/drop_gen.py": "",
      "sub/local/x.py": "",
    });
    expect(await found()).toEqual(["sub/keep_gen.py", "sub/top.py"]);
    expect(await isReached(root, join(root, "sub/local/x.py"))).toBe(false);
    expect(await isReached(root, join(root, "a_gen.py"))).toBe(false);
  });

  test("obeys ignore files above it, up to the repository's top", async () => {
    await have({
      ".gitignore": "*.py\n",
      "repository/.git/HEAD": "",
      "repository/.gitignore": "skip.py\n",
      "repository/inner/skip.py": "",
      "repository/inner/take.py": "",
    });
    expect(await found("repository/inner")).toEqual(["repository/inner/take.py"]);
  });

  test("is left at links and at other people's code", async () => {
    await have({
      "real/a.py": "",
      "site-packages/b.py": "",
      "node_modules/c.py": "",
      "env/pyvenv.cfg": "",
      "env/lib/d.py": "",
    });
    await symlink(root, join(root, "real", "loop"), "junction");
    expect(await found()).toEqual(["real/a.py"]);
    expect(await isReached(root, join(root, "site-packages/b.py"))).toBe(false);
    expect(await isReached(root, join(root, "env/lib/d.py"))).toBe(false);
    expect(await isReached(join(root, "real"), join(root, "other.py"))).toBe(false);
  });

  test("can be left midway", async () => {
    await have({ "a/a.py": "", "b/b.py": "", "c/c.py": "" });
    let directories = 0;
    const seen: string[] = [];
    for await (const path of findSources(root, { onDirectory: () => ++directories <= 2 })) {
      seen.push(relative(root, path));
    }
    expect(seen).toEqual([join("a", "a.py")]);
    const aborted = findSources(root, { signal: AbortSignal.abort() });
    expect(await aborted.next()).toEqual({ done: true, value: undefined });
  });

  test("a file over the limit, gone, or a folder is skipped with a reason", async () => {
    await have({ "big.py": "x".repeat(2_000_001) });
    const reason = async (name: string) => {
      const read = await readSource(join(root, name), 2_000_000);
      return read.kind === "skipped" ? read.reason : undefined;
    };
    expect(await reason("big.py")).toBe("2000001 bytes, over the limit of 2000000");
    expect(await reason("gone.py")).toBe("no such file");
    expect(await reason(".")).toBe("is a directory");
  });
});
