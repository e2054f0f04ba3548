/** What is kept between readings. */
import { copyFile, mkdir, mkdtemp, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DeclarationCache } from "../src/binary/declarationCache.ts";
import { pair313 } from "./benchMachine.ts";
import { build } from "./binaryExtensions.ts";

let folder: string;
let declared: string;
let silent: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cache-"));
  const { freeThreaded } = await pair313();
  const compiled = (name: string, defines: Record<string, string>) =>
    build(freeThreaded, {
      source: "multiphase.c",
      target: join(folder, name, "kept"),
      defines: { NAME: "kept", ...defines },
    });
  declared = await compiled("declared", { GIL: "Py_MOD_GIL_NOT_USED" });
  silent = await compiled("silent", {});
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("answers for unchanged files from what was saved, as JSON", async () => {
  const first = new DeclarationCache();
  const answers = await first.readAll([declared, silent, join(folder, "missing.so")]);
  expect(answers.map(({ declaration }) => declaration)).toEqual(["declared", "undeclared", "unknown"]);
  expect(first.changed).toBe(true);
  const saved = JSON.parse(JSON.stringify(first.save()));
  expect(first.changed).toBe(false);
  const second = new DeclarationCache();
  second.load(saved);
  expect(await second.readAll([declared, silent])).toEqual(answers.slice(0, 2));
  expect(second.changed).toBe(false);
});

it("notices other content under the same name, size and time aside", async () => {
  const file = join(folder, "kept.cpython-313t-x86_64-linux-gnu.so");
  const cache = new DeclarationCache();
  const time = new Date(1_700_000_000_000);
  for (const [source, declaration] of [
    [declared, "declared"],
    [silent, "undeclared"],
  ] as const) {
    await copyFile(source, file);
    await utimes(file, time, time);
    expect((await cache.read(file)).declaration).toBe(declaration);
  }
  await writeFile(file, "");
  expect(await cache.read(file)).toMatchObject({ declaration: "unknown", isExtension: false });
});

it("keeps equal files once", async () => {
  const cache = new DeclarationCache();
  const copies = ["a", "b", "c"].map((name) => join(folder, name, "kept.so"));
  for (const copy of copies) {
    await mkdir(join(copy, ".."), { recursive: true });
    await copyFile(declared, copy);
  }
  await cache.readAll(copies);
  const saved = cache.save();
  expect(Object.keys(saved.files)).toHaveLength(3);
  expect(Object.keys(saved.contents)).toHaveLength(1);
});

it.each([
  [undefined],
  ["text"],
  [{ version: 0, files: {}, contents: {} }],
  [{ version: 2, files: { a: 1 } }],
])("ignores what it did not save: %o", async (saved) => {
  const cache = new DeclarationCache();
  cache.load(saved);
  expect(cache.save()).toMatchObject({ files: {}, contents: {} });
});
