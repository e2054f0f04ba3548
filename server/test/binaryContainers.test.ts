/** Word sizes, byte orders and ways to list pointers that no compiler of the machine that runs the tests may make. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryBytes, Work } from "../src/binary/bytes.ts";
import { DeclarationCache } from "../src/binary/declarationCache.ts";
import { type ExtensionModule, readExtension, statementFor } from "../src/binary/extensionModule.ts";
import { pair313 } from "./benchMachine.ts";
import { type ElfMachine, elfLibrary } from "./binaryElfSamples.ts";
import { build } from "./binaryExtensions.ts";
import { chainedMachO, fatMachO, opcodeMachO, peLibrary } from "./binarySamples.ts";

function read(bytes: Uint8Array): ExtensionModule {
  const work = new Work();
  return readExtension("sample.so", new MemoryBytes(bytes, work), work);
}

const values = [
  [1, "declared"],
  [0, "declared-not-safe"],
  [7, "unknown"],
] as const;

const machines: Record<string, ElfMachine> = {
  i386: { machine: 3, wide: false, little: true, relative: 8, withAddend: false },
  arm: { machine: 40, wide: false, little: true, relative: 23, withAddend: false },
  "arm, big-endian": { machine: 40, wide: false, little: false, relative: 23, withAddend: false },
  s390x: { machine: 22, wide: true, little: false, relative: 12, withAddend: true },
  ppc64: { machine: 21, wide: true, little: false, relative: 22, withAddend: true },
  riscv64: { machine: 243, wide: true, little: true, relative: 3, withAddend: true },
};

describe.each(Object.entries(machines))("ELF for %s", (name, machine) => {
  it.each(values)("reads Py_mod_gil = %d", (gil, declaration) => {
    expect(read(elfLibrary(machine, gil))).toMatchObject({
      declaration,
      container: "elf",
      hooks: ["PyInit_sample"],
      architectures: [name.split(",")[0]],
    });
  });

  it("sees from the head that it is for a free-threaded build", () => {
    expect(read(elfLibrary(machine, 1)).abi.freeThreaded).toBe(true);
  });

  it("claims nothing without its pointers", () => {
    expect(read(elfLibrary({ ...machine, relative: 1 }, 1)).declaration).toBe("unknown");
  });
});

describe.each([
  ["Mach-O with programs of pointers", opcodeMachO, "arm64"],
  ["Mach-O with chains of pointers", chainedMachO, "arm64"],
  ["PE", peLibrary, "x86_64"],
] as const)("%s", (_, make, architecture) => {
  it.each(values)("reads Py_mod_gil = %d", (gil, declaration) => {
    expect(read(make(gil))).toMatchObject({ declaration, architectures: [architecture] });
  });
});

it("claims nothing when the processors' shares of one file differ", () => {
  expect(read(fatMachO([chainedMachO(1), opcodeMachO(1)])).declaration).toBe("declared");
  expect(read(fatMachO([chainedMachO(1), opcodeMachO(0)]))).toMatchObject({
    declaration: "unknown",
    architectures: ["arm64", "arm64"],
  });
});

describe("two hooks in one file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "hooks-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ["Py_MOD_GIL_NOT_USED", 0, "declared", "declared-not-safe"],
    ["Py_MOD_GIL_USED", 1, "declared-not-safe", "declared"],
    ["Py_MOD_GIL_NOT_USED", 1, "declared", "declared"],
  ])("PyInit_ says %s, PyModExport_ says %d", async (older, newer, before, since) => {
    const { freeThreaded } = await pair313();
    const file = await build(freeThreaded, {
      source: "multiphase.c",
      target: join(folder, `${before}-${since}`, "exported"),
      suffix: ".so",
      defines: { NAME: "exported", GIL: older, GIL_315: newer },
      options: [join(import.meta.dirname, "../../fixtures/extensions/exported.c")],
    });
    const cache = new DeclarationCache();
    await cache.read(file);
    const again = new DeclarationCache();
    again.load(JSON.parse(JSON.stringify(cache.save())));
    for (const module of [await cache.read(file), await again.read(file)]) {
      expect(module.hooks.toSorted()).toEqual(["PyInit_exported", "PyModExport_exported"]);
      for (const version of ["3.13t", "3.14", "3.14t"]) {
        expect(statementFor(module, version)).toMatchObject({ declaration: before, basis: "slot" });
      }
      for (const version of ["3.15t", "3.16"]) {
        expect(statementFor(module, version)).toMatchObject({ declaration: since });
      }
      expect(module.from315 === undefined).toBe(before === since);
    }
  });
});
