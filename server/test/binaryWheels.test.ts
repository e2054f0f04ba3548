/**
 * Published wheels, fetched with pip from wherever pip is configured to look. The only tests that use the network: each
 * is skipped with a message when pip or the wheel cannot be reached.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MemoryBytes, Work } from "../src/binary/bytes.ts";
import { type ExtensionModule, readExtension } from "../src/binary/extensionModule.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wheels-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const platforms = {
  linux: ["manylinux_2_17_x86_64", "manylinux_2_27_x86_64", "manylinux_2_28_x86_64", "manylinux2014_x86_64"],
  macos: ["macosx_11_0_arm64"],
  windows: ["win_amd64"],
};

/** @returns the extension modules of a wheel for 3.13t by their paths; undefined when it cannot be had */
async function wheel(requirement: string, platform: keyof typeof platforms) {
  const destination = await mkdtemp(join(folder, "one-"));
  const wanted = ["--python-version", "3.13", "--implementation", "cp", "--abi", "cp313t"];
  const where = platforms[platform].flatMap((name) => ["--platform", name]);
  const options = [
    "--no-deps",
    "--only-binary=:all:",
    "--retries",
    "1",
    ...wanted,
    ...where,
    "-d",
    destination,
  ];
  const result = await execa("python3", ["-m", "pip", "download", "-q", ...options, requirement], {
    reject: false,
    timeout: 90_000,
  });
  const [file] = result.failed ? [] : await readdir(destination);
  if (file === undefined) {
    return undefined;
  }
  const entries = unzipSync(await readFile(join(destination, file)), {
    filter: ({ name }) => /\.(?:so|pyd)$/.test(name) && !name.includes(".libs/"),
  });
  const modules = new Map<string, ExtensionModule>();
  for (const [path, bytes] of Object.entries(entries)) {
    const work = new Work();
    const module = readExtension(path.slice(path.lastIndexOf("/") + 1), new MemoryBytes(bytes, work), work);
    if (module.isExtension) {
      modules.set(path, module);
    }
  }
  return modules;
}

/** Requirement, platform, the container, one of its modules, what that declares and how. */
it.each([
  // NumPy: C, slots.
  ["numpy==2.4.6", "linux", "elf", /_multiarray_umath/, "declared", "slot"],
  ["numpy==2.4.6", "macos", "macho", /_multiarray_umath/, "declared", "slot"],
  ["numpy==2.4.6", "windows", "pe", /_multiarray_umath/, "declared", "slot"],
  // pybind11 writes its slots when the hook runs.
  ["contourpy==1.3.3", "linux", "elf", /_contourpy/, "declared", "slot"],
  ["contourpy==1.3.3", "macos", "macho", /_contourpy/, "unknown", "none"],
  // PyO3: newer ones have slots, in older ones a function deep inside gets the value.
  ["rpds-py==2026.5.1", "linux", "elf", /rpds/, "declared", "slot"],
  ["rpds-py==2026.5.1", "windows", "pe", /rpds/, "declared", "slot"],
  ["pydantic-core==2.41.4", "linux", "elf", /_pydantic_core/, "unknown", "none"],
  // Cython, and single-phase C.
  ["frozenlist==1.8.0", "linux", "elf", /_frozenlist/, "declared", "slot"],
  ["psutil==7.2.2", "linux", "elf", /_psutil_linux/, "declared", "setgil"],
  // A wheel for 3.13t that switches the GIL on all the same.
  ["greenlet==3.2.2", "linux", "elf", /_greenlet\./, "undeclared", "single-phase"],
] as const)(
  "%s for %s",
  { timeout: 120_000 },
  async (requirement, platform, container, path, declaration, basis) => {
    const modules = await wheel(requirement, platform);
    if (!modules) {
      console.warn(`Skipped: pip cannot fetch ${requirement} for ${platform}.`);
      return;
    }
    const [, module] = [...modules].find(([name]) => path.test(name)) ?? [];
    expect(module).toMatchObject({
      container,
      declaration,
      basis,
      abi: { tag: "cp313t", freeThreaded: true },
    });
    for (const other of modules.values()) {
      expect(other.architectures).toEqual([platform === "macos" ? "arm64" : "x86_64"]);
    }
  },
);
