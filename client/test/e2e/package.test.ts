/** The packed extension: what is inside, and that it runs with and without the native parser. */
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { provided } from "./provided.ts";

const racyCounter = path.resolve(import.meta.dirname, "../../../fixtures/programs/racy_counter.py");

let home: string;
let files: Record<string, Uint8Array>;

/** Unpacks the extension outside the checkout, so that it can lean on nothing but itself. */
async function unpacked(name: string, keep: (file: string) => boolean): Promise<string> {
  const folder = path.join(home, name);
  for (const [file, content] of Object.entries(files)) {
    if (!keep(file) || file.endsWith("/")) continue;
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), content);
  }
  return path.join(folder, "extension");
}

function check(extension: string, parser: string | undefined) {
  const args = [path.join(extension, "dist", "cli.js"), "check", "--format", "json", racyCounter];
  return execa(process.execPath, args, { reject: false, cwd: home, env: { THREADPROOF_PARSER: parser } });
}

const isAddon = (file: string) => file.endsWith(".node");
const isWasm = (file: string) => file.endsWith(".wasm");

beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), "threadproof-package-"));
  files = unzipSync(new Uint8Array(await readFile(provided.vsix())));
});

afterAll(() => rm(home, { recursive: true, force: true }));

describe("what is inside", () => {
  test("the files are exactly those that were named", () => {
    const libc = process.platform === "linux" ? "LIBC." : "";
    const names = Object.keys(files).map((file) =>
      file
        .replace(`prebuilds/${process.platform}-${process.arch}/`, "prebuilds/SYSTEM/")
        .replace(/\.(glibc|musl)\.node$/, ".LIBC.node"),
    );
    expect(names.sort()).toEqual(
      [
        "[Content_Types].xml",
        "extension.vsixmanifest",
        "extension/LICENSE.txt",
        "extension/changelog.md",
        "extension/readme.md",
        "extension/icon.png",
        "extension/package.json",
        "extension/package.nls.json",
        "extension/dist/cli.js",
        "extension/dist/extension.js",
        "extension/dist/server.js",
        "extension/dist/webview/benchmark.js",
        "extension/dist/packages.json",
        "extension/dist/tree-sitter.wasm",
        "extension/dist/tree-sitter-python.wasm",
        "extension/dist/node_modules/node-gyp-build/LICENSE",
        "extension/dist/node_modules/node-gyp-build/index.js",
        "extension/dist/node_modules/node-gyp-build/node-gyp-build.js",
        "extension/dist/node_modules/node-gyp-build/package.json",
        "extension/dist/node_modules/tree-sitter/LICENSE",
        "extension/dist/node_modules/tree-sitter/index.js",
        "extension/dist/node_modules/tree-sitter/package.json",
        `extension/dist/node_modules/tree-sitter/prebuilds/SYSTEM/tree-sitter.${libc}node`,
        "extension/dist/node_modules/tree-sitter-python/LICENSE",
        "extension/dist/node_modules/tree-sitter-python/bindings/node/index.js",
        "extension/dist/node_modules/tree-sitter-python/package.json",
        `extension/dist/node_modules/tree-sitter-python/prebuilds/SYSTEM/tree-sitter-python.${libc}node`,
        "extension/dist/node_modules/tree-sitter-python/src/node-types.json",
      ].sort(),
    );
  });

  test("it is small", async () => {
    const { size } = await stat(provided.vsix());
    expect(size).toBeLessThan(6_000_000);
    for (const [file, content] of Object.entries(files).filter(([name]) => isAddon(name) || isWasm(name))) {
      expect(content.length, file).toBeGreaterThan(100_000);
      expect(content.length, file).toBeLessThan(1_500_000);
    }
  });

  test("it names no source map and no path of the machine that packed it", () => {
    const checkout = path.resolve(import.meta.dirname, "../../..");
    for (const [file, content] of Object.entries(files).filter(([name]) => name.endsWith(".js"))) {
      const text = Buffer.from(content).toString("utf8");
      expect(text, file).not.toContain("sourceMappingURL=");
      expect(text.includes(checkout), file).toBe(false);
    }
  });

  test.runIf(process.platform === "linux")("the addons bring their own C++ library", () => {
    const addons = Object.entries(files).filter(([name]) => isAddon(name));
    expect(addons).toHaveLength(2);
    for (const [file, content] of addons) {
      const text = Buffer.from(content).toString("latin1");
      expect(text.includes("GLIBCXX_"), file).toBe(false);
      expect(text.includes("libstdc++.so"), file).toBe(false);
    }
  });
});

describe("both parsers", () => {
  test("the native parser and the WebAssembly one find the same race", async () => {
    const extension = await unpacked("whole", () => true);
    const native = await check(extension, "native");
    const wasm = await check(extension, "wasm");
    expect(native.stderr).toBe("");
    expect(native.exitCode).toBe(1);
    const { findings } = JSON.parse(native.stdout);
    expect(findings.map((finding: { symbol: string }) => finding.symbol)).toContain("total_downloads");
    expect(JSON.parse(wasm.stdout).findings).toEqual(findings);
  });

  test("without the addons it runs on WebAssembly and says nothing about it", async () => {
    const extension = await unpacked("without-addons", (file) => !isAddon(file));
    const forced = await check(extension, "native");
    expect(forced.exitCode, "the addons must really be gone").toBe(2);
    expect(forced.stderr).toMatch(/native build/);
    const { exitCode, stdout, stderr } = await check(extension, undefined);
    expect(stderr).toBe("");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout).findings.length).toBeGreaterThan(0);
  });

  test("without the WebAssembly files it runs on the addons", async () => {
    const extension = await unpacked("without-wasm", (file) => !isWasm(file));
    const forced = await check(extension, "wasm");
    expect(forced.exitCode, "the WebAssembly files must really be gone").toBe(2);
    expect(forced.stderr).toMatch(/\.wasm/);
    expect((await check(extension, undefined)).exitCode).toBe(1);
  });
});
