/** The interpreter's own extension modules are the ground truth: what reading says against what importing does. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readExtensionModule } from "../src/binary/extensionModule.ts";
import { probeImports } from "../src/probe/probe.ts";
import { pair313 } from "./benchMachine.ts";
import { buildSettings } from "./binaryExtensions.ts";

it("reads all extension modules of the free-threaded build right", { timeout: 180_000 }, async () => {
  const { freeThreaded } = await pair313();
  const folder = join((await buildSettings(freeThreaded)).library, "lib-dynload");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".so"));
  expect(files.length).toBeGreaterThan(50);
  const read = await Promise.all(files.map((file) => readExtensionModule(join(folder, file))));
  const modules = files.map((file) => file.slice(0, file.indexOf(".")));
  const seen = await probeImports({ python: freeThreaded.executable, modules, timeoutMs: 60_000 });
  const table = modules.map((module, index) => ({
    module,
    declaration: read[index]!.declaration,
    outcome: seen[index]!.outcome,
  }));
  // None may be wrong; at most one may be unknown.
  const expected = { "keeps-gil-off": "declared", "enables-gil": "undeclared" } as Record<string, string>;
  const wrong = table.filter(
    ({ declaration, outcome }) => declaration !== "unknown" && declaration !== expected[outcome],
  );
  expect(wrong).toEqual([]);
  expect(table.filter(({ declaration }) => declaration === "unknown").length).toBeLessThanOrEqual(1);
});

it("reads those of the build with a GIL, too", async () => {
  const { withGil } = await pair313();
  const folder = join((await buildSettings(withGil)).library, "lib-dynload");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".so"));
  const read = await Promise.all(files.map((file) => readExtensionModule(join(folder, file))));
  for (const [index, module] of read.entries()) {
    // PyUnstable_Module_SetGIL does not exist in this build, so single-phase modules say nothing here.
    const declaration = module.basis === "single-phase" ? "undeclared" : "declared";
    expect({ file: files[index], ...module }).toMatchObject({ declaration, abi: { freeThreaded: false } });
  }
  expect(read.filter(({ basis }) => basis === "single-phase").length).toBeLessThan(5);
});
