/** Compiled extension modules: what reading them says, against what the interpreter itself does on import. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ExtensionModule, readExtensionModule } from "../src/binary/extensionModule.ts";
import type { Interpreter } from "../src/environment/interpreter.ts";
import { probeImports } from "../src/probe/probe.ts";
import { pair313 } from "./benchMachine.ts";
import { type Build, build } from "./binaryExtensions.ts";

let folder: string;
let withGil: Interpreter;
let freeThreaded: Interpreter;
/** A virtual environment of the free-threaded build, and where its modules go. */
let python: string;
let packages: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "binary-"));
  ({ withGil, freeThreaded } = await pair313());
  const environment = join(folder, "environment");
  await execa(freeThreaded.executable, ["-m", "venv", "--without-pip", environment]);
  python = join(environment, "bin/python");
  const { stdout } = await execa(python, [
    "-I",
    "-c",
    "import sysconfig; print(sysconfig.get_path('platlib'))",
  ]);
  packages = stdout;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const notUsed = "Py_MOD_GIL_NOT_USED";
const used = "Py_MOD_GIL_USED";
const single = (defines: Build["defines"]) => ({ source: "singlephase.c", defines: defines ?? {} });
const multi = (defines: Build["defines"]) => ({ source: "multiphase.c", defines: defines ?? {} });

/** Source and definitions; the declaration and its basis; what the probe sees. */
const cases: Record<string, [Pick<Build, "source" | "defines">, string, string, string]> = {
  "with the slot": [multi({ GIL: notUsed }), "declared", "slot", "keeps-gil-off"],
  "with the slot, through a helper": [
    multi({ GIL: notUsed, HELPER: 1 }),
    "declared",
    "slot",
    "keeps-gil-off",
  ],
  "without the slot": [multi({}), "undeclared", "no-slot", "enables-gil"],
  "with the slot, but the other value": [multi({ GIL: used }), "declared-not-safe", "slot", "enables-gil"],
  "single-phase, silent": [single({}), "undeclared", "single-phase", "enables-gil"],
  "single-phase, with the call": [single({ SETGIL: notUsed }), "declared", "setgil", "keeps-gil-off"],
  "single-phase, with the call, but the other value": [
    single({ SETGIL: used }),
    "declared-not-safe",
    "setgil",
    "enables-gil",
  ],
  "single-phase, with a call that depends on something": [
    single({ SETGIL: notUsed, SOMETIMES: 1 }),
    "unknown",
    "none",
    "keeps-gil-off",
  ],
  "slots written by a constructor": [{ source: "filled.c", defines: {} }, "unknown", "none", "keeps-gil-off"],
  "slots written by the hook": [
    { source: "filled.c", defines: { HOOK_FILLS: 1 } },
    "declared",
    "slot",
    "keeps-gil-off",
  ],
};

async function readAndProbe(name: string, one: Build): Promise<[ExtensionModule, string]> {
  const path = await build(freeThreaded, one);
  const module = await readExtensionModule(path);
  const [result] = await probeImports({ python, modules: [name], timeoutMs: 30_000 });
  return [module, result!.outcome];
}

describe.each(["-O0", "-O2", "-O3", "-Os"])("compiled with %s", (level) => {
  it.each(Object.entries(cases))("%s", async (title, [what, declaration, basis, outcome]) => {
    const own = `m${Object.keys(cases).indexOf(title)}${level.replace("-", "_")}`;
    const name = what.source === "filled.c" ? "filled" : own;
    const target = join(packages, name);
    const defines = { ...what.defines, NAME: name };
    const [module, seen] = await readAndProbe(name, { ...what, target, defines, options: [level] });
    // FN: block copies (rep movs), which these levels use for structures, are not followed.
    const lost = title === "slots written by the hook" && ["-O0", "-Os"].includes(level);
    const expected = lost ? { declaration: "unknown", basis: "none" } : { declaration, basis };
    expect({ ...module, seen }).toMatchObject({ ...expected, seen: outcome, isExtension: true });
    expect(module).toMatchObject({ container: "elf", hooks: [`PyInit_${name}`], architectures: ["x86_64"] });
    expect(module.abi).toMatchObject({ tag: "cp313t", freeThreaded: true });
  });
});

it.each([
  ["packed relocations", ["-Wl,-z,pack-relative-relocs"]],
  ["no PLT", ["-fno-plt", "-Wl,-z,now"]],
  ["the older hash table", ["-Wl,--hash-style=sysv"]],
  ["only the newer hash table, stripped", ["-Wl,--hash-style=gnu", "-s"]],
  ["vector instructions", ["-O3", "-march=x86-64-v3"]],
  ["protected control flow", ["-fcf-protection=full", "-fstack-protector-all"]],
])("reads modules linked with %s", async (_, options) => {
  const file = (name: string) => ({ target: join(folder, "linked", name), options });
  const defines = { NAME: "linked", GIL: notUsed, SETGIL: notUsed };
  const declared = await build(freeThreaded, { ...file("linked"), source: "multiphase.c", defines });
  expect(await readExtensionModule(declared)).toMatchObject({ declaration: "declared", basis: "slot" });
  const called = await build(freeThreaded, { ...file("linked"), source: "singlephase.c", defines });
  expect(await readExtensionModule(called)).toMatchObject({ declaration: "declared", basis: "setgil" });
});

it("finds the definition by its shape where the processor's code is not understood", async () => {
  const options = ["-Wl,-z,pack-relative-relocs"];
  for (const [GIL, declaration] of [
    [notUsed, "declared"],
    [used, "declared-not-safe"],
  ] as const) {
    const target = join(folder, "shape", declaration, "shaped");
    const file = await build(freeThreaded, {
      source: "multiphase.c",
      target,
      options,
      defines: { NAME: "shaped", GIL },
    });
    const bytes = await readFile(file);
    // Says that it is for RISC-V; packed relocations are the same everywhere.
    bytes.writeUInt16LE(243, 18);
    await writeFile(file, bytes);
    expect(await readExtensionModule(file)).toMatchObject({ declaration, architectures: ["riscv64"] });
  }
});

it("tells which build a file is for", async () => {
  const compile = (forPython: Interpreter, suffix: string, defines: Build["defines"] = {}) =>
    build(forPython, {
      source: "multiphase.c",
      target: join(folder, "abi", `${Math.random()}`, "abi"),
      suffix,
      defines: { NAME: "abi", ...defines },
    }).then(readExtensionModule);
  expect((await compile(withGil, ".cpython-313-x86_64-linux-gnu.so")).abi).toEqual({
    tag: "cp313",
    freeThreaded: false,
    soabi: "cpython-313-x86_64-linux-gnu",
  });
  expect((await compile(withGil, ".so")).abi).toEqual({ tag: "untagged", freeThreaded: false });
  expect((await compile(freeThreaded, ".so")).abi).toEqual({ tag: "untagged", freeThreaded: true });
  const stable = await compile(withGil, ".abi3.so", { Py_LIMITED_API: "0x030d0000", GIL: notUsed });
  expect(stable).toMatchObject({ declaration: "declared", abi: { tag: "abi3", freeThreaded: false } });
});

it("reads modules of the build with a GIL alike: what they say predicts what a rebuild would", async () => {
  const target = join(folder, "gil", "gil");
  for (const [defines, declaration] of [
    [{ GIL: notUsed }, "declared"],
    [{}, "undeclared"],
  ] as const) {
    const file = await build(withGil, {
      source: "multiphase.c",
      target,
      defines: { NAME: "gil", ...defines },
    });
    expect(await readExtensionModule(file)).toMatchObject({ declaration, abi: { freeThreaded: false } });
  }
});

it.each([
  [{ GIL: 1 }, "declared"],
  [{ GIL: 0 }, "declared-not-safe"],
  [{ GIL: 1, NESTED: 1 }, "declared"],
  [{}, "undeclared"],
])("reads the slots that the hook of 3.15 returns: %o", async (defines, declaration) => {
  const target = join(folder, "exported", `${declaration}`, "exported");
  const file = await build(freeThreaded, { source: "exported.c", target, suffix: ".abi3t.so", defines });
  expect(await readExtensionModule(file)).toMatchObject({
    declaration,
    basis: "export-hook",
    hooks: ["PyModExport_exported"],
    abi: { tag: "abi3t", freeThreaded: true },
  });
});

it("names the culprits of a package, all of them, with their chains and files", async () => {
  const place = join(packages, "outer");
  await mkdir(join(place, "inner"), { recursive: true });
  await writeFile(join(place, "__init__.py"), "from .inner import one\nfrom . import clean, second\n");
  await writeFile(join(place, "inner", "__init__.py"), "");
  const compiled = (name: string, defines: Build["defines"], path = join(place, name)) =>
    build(freeThreaded, { source: "multiphase.c", target: path, defines: { NAME: name, ...defines } });
  const one = await compiled("one", { IMPORTS: '"outer.inner.deep"' }, join(place, "inner/one"));
  const deep = await compiled("deep", {}, join(place, "inner/deep"));
  const second = await compiled("second", {});
  await compiled("clean", { GIL: notUsed });
  const [result] = await probeImports({ python, modules: ["outer"], timeoutMs: 30_000 });
  expect(result).toMatchObject({ outcome: "enables-gil", gilBefore: false, gilAfter: true });
  expect(result!.culprits).toEqual([
    { module: "outer.inner.one", chain: ["outer", "outer.inner.one"], file: one },
    { module: "outer.inner.deep", chain: ["outer", "outer.inner.one", "outer.inner.deep"], file: deep },
    { module: "outer.second", chain: ["outer", "outer.second"], file: second },
  ]);
});

it("refuses to guess about what is no extension module", async () => {
  const library = await build(freeThreaded, {
    source: "library.c",
    target: join(folder, "library"),
    suffix: ".so",
  });
  expect(await readExtensionModule(library)).toMatchObject({
    declaration: "unknown",
    isExtension: false,
    container: "elf",
    hooks: [],
  });
  for (const path of [join(folder, "missing.so"), folder, import.meta.filename]) {
    expect(await readExtensionModule(path)).toMatchObject({ declaration: "unknown", isExtension: false });
  }
  const copy = join(folder, `copy_${basename(library)}`);
  await mkdir(dirname(copy), { recursive: true });
  await copyFile(library, copy);
  await writeFile(copy, (await readFile(copy)).subarray(0, 80));
  expect((await readExtensionModule(copy)).detail).toMatch(/damaged/);
});
