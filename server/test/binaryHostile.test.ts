/** Damaged and hostile files: never a throw, never more work than allowed, never a claim from nothing. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MemoryBytes, Work, workLimit } from "../src/binary/bytes.ts";
import { type ExtensionModule, readExtension } from "../src/binary/extensionModule.ts";
import { pair313 } from "./benchMachine.ts";
import { elfLibrary } from "./binaryElfSamples.ts";
import { build } from "./binaryExtensions.ts";
import { chainedMachO, fatMachO, opcodeMachO, peLibrary } from "./binarySamples.ts";

let folder: string;
const samples = new Map<string, Uint8Array>();

beforeAll(async () => {
  // Compiles five libraries, on machines that may be busy.
  folder = await mkdtemp(join(tmpdir(), "hostile-"));
  const { freeThreaded } = await pair313();
  const gil = { GIL: "Py_MOD_GIL_NOT_USED", SETGIL: "Py_MOD_GIL_NOT_USED", HOOK_FILLS: 1 };
  for (const [name, source, options] of [
    ["slot", "multiphase.c", []],
    ["call", "singlephase.c", ["-O0"]],
    ["filled", "filled.c", []],
    ["exported", "exported.c", []],
    ["packed", "multiphase.c", ["-Wl,-z,pack-relative-relocs", "-Wl,--hash-style=gnu"]],
  ] as const) {
    const target = join(folder, name);
    const file = await build(freeThreaded, {
      source,
      target,
      options,
      defines: source === "exported.c" ? { GIL: 1 } : gil,
    });
    samples.set(name, await readFile(file));
  }
  samples.set("macho", chainedMachO(1));
  samples.set("fat", fatMachO([chainedMachO(1), chainedMachO(1)]));
  samples.set("pe", peLibrary(1));
  samples.set("opcodes", opcodeMachO(1));
  for (const [name, machine] of Object.entries({
    "32 bits": { machine: 3, wide: false, little: true, relative: 8, withAddend: false },
    "big-endian": { machine: 21, wide: true, little: false, relative: 22, withAddend: true },
  })) {
    samples.set(name, elfLibrary(machine, 1));
  }
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

function read(bytes: Uint8Array): { module: ExtensionModule; work: number } {
  const work = new Work();
  return { module: readExtension("sample.so", new MemoryBytes(bytes, work), work), work: work.done };
}

/** The library for Windows with another hook, and without the definition that could be found by its shape. */
function withCode(code: ArrayLike<number>): Uint8Array {
  const bytes = Uint8Array.from(samples.get("pe")!);
  bytes.set(code, 0x400);
  bytes.fill(0, 0x900, 0x980);
  return bytes;
}

/** Numbers that look random and are the same in every run (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const names = [
  "slot",
  "call",
  "filled",
  "exported",
  "packed",
  "macho",
  "fat",
  "pe",
  "opcodes",
  "32 bits",
  "big-endian",
];
const extremes = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** One step takes at most this beyond the limit: a slice is charged as a whole. */
const allowed = workLimit * 1.5;

describe.each(names)("%s", (name) => {
  it("reads the whole file well", () => {
    expect(read(samples.get(name)!).module).toMatchObject({ declaration: "declared", isExtension: true });
  });

  it("bears being cut off anywhere", () => {
    const whole = samples.get(name)!;
    const step = Math.max(1, Math.floor(whole.length / 100));
    for (let length = 0; length < whole.length; length += step) {
      const { module, work } = read(whole.subarray(0, length));
      expect(work).toBeLessThan(allowed);
      expect(["declared", "unknown"]).toContain(module.declaration);
    }
  });

  it("bears wrong bytes anywhere", () => {
    const whole = samples.get(name)!;
    const random = numbers(whole.length);
    let most = 0;
    for (let time = 0; time < 250; time++) {
      const bytes = Uint8Array.from(whole);
      const view = new DataView(bytes.buffer);
      for (let change = 1 + Math.floor(random() * 6); change > 0; change--) {
        // Half of them near the start, where headers are.
        const range = random() < 0.5 ? Math.min(2048, bytes.length - 8) : bytes.length - 8;
        const at = Math.floor(random() * range);
        const value = random() < 0.5 ? extremes[Math.floor(random() * extremes.length)]! : random() * 2 ** 32;
        if (random() < 0.5) {
          view.setUint8(at, value & 0xff);
        } else {
          view.setUint32(at, value >>> 0, true);
        }
      }
      most = Math.max(most, read(bytes).work);
    }
    expect(most).toBeLessThan(allowed);
  });
});

describe("traps", () => {
  it.each([
    ["a chain of slots that leads back to itself", 92],
    ["an array of slots that never ends", 100],
  ])("%s", (_, id) => {
    const bytes = Uint8Array.from(samples.get("exported")!);
    const view = new DataView(bytes.buffer);
    let changed = 0;
    // Every entry of the array becomes one of this kind.
    for (let at = 0; at + 16 <= bytes.length; at += 8) {
      if ([85, 87, 100].includes(view.getUint32(at, true)) && view.getUint32(at + 4, true) === 0) {
        view.setUint32(at, id, true);
        changed += 1;
      }
    }
    expect(changed).toBeGreaterThanOrEqual(3);
    expect(read(bytes).module.declaration).not.toBe("declared");
  });

  it("a count of processors, sections or commands that is far too large", () => {
    for (const [name, at] of [
      ["fat", 4],
      ["macho", 16],
      ["pe", 0x40 + 6],
      ["slot", 56],
    ] as const) {
      const bytes = Uint8Array.from(samples.get(name)!);
      bytes.fill(0xff, at, at + 2);
      expect(read(bytes).module.declaration).toBe("unknown");
    }
  });

  // The first of these was found by mutation: counting from a number that large to the next one never ends.
  it.each([
    ["a stack where numbers no longer tell addresses apart", ["48bc0000000000000070", "50", "c3"]],
    ["a stack at the other end of memory", ["48bc0000000000000080", "50", "58", "50", "c3"]],
    ["a loop that pushes for ever", ["50", "ebfd"]],
    ["a loop that pushes and may end at each turn", ["50", "4885c9", "480fafc9", "4885c9", "75f2", "c3"]],
    ["a loop that counts and may end at each turn", ["48ffc0", "50", "483b0a", "75f7", "c3"]],
    ["a function that calls itself", ["e8fbffffff", "c3"]],
    ["a jump to itself", ["ebfe"]],
    ["ways that part at every step", Array(300).fill("483b0a7400")],
  ])("code: %s", (_, code) => {
    const { module, work } = read(withCode(Buffer.from(code.join(""), "hex").subarray(0, 0x400)));
    expect(module.declaration).toBe("unknown");
    expect(work).toBeLessThan(allowed);
  });

  it("many hooks that never end", () => {
    const bytes = withCode([0x50, 0xeb, 0xfd]);
    const view = new DataView(bytes.buffer);
    // The table of exports is at 0x2500 of memory; its names and their numbers move to where there is room.
    const file = (address: number) => address - 0x1800;
    const count = 16;
    [count, 0x2540, 0x2680, 0x26c0].forEach((value, field) => {
      view.setUint32(file(0x2518 + 4 * field), value, true);
    });
    for (let index = 0; index < count; index++) {
      view.setUint32(file(0x2680 + 4 * index), 0x2700 + 16 * index, true);
      bytes.set(Buffer.from(`PyInit_m${index}\0`), file(0x2700 + 16 * index));
    }
    const { module, work } = read(bytes);
    expect(module).toMatchObject({
      declaration: "unknown",
      detail: expect.stringMatching(/several modules/),
    });
    expect(module.hooks).toHaveLength(count);
    expect(work).toBeLessThan(allowed);
  });

  it("files that only begin like libraries", () => {
    for (const start of [
      [0x7f, 0x45, 0x4c, 0x46],
      [0x4d, 0x5a],
      [0xca, 0xfe, 0xba, 0xbe],
      [0xcf, 0xfa, 0xed, 0xfe],
    ]) {
      for (const filler of [0, 0xff, 1]) {
        const bytes = new Uint8Array(4096).fill(filler);
        bytes.set(start);
        expect(read(bytes).module).toMatchObject({ declaration: "unknown", isExtension: false });
      }
    }
  });
});
