// The linter's import boundaries, tried on files that break them and files that do not.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** File, what it imports, whether that is allowed. */
const cases: [file: string, specifier: string, allowed: boolean][] = [
  ["server/src/rules/a.ts", "vscode", false],
  ["server/src/bench/a.ts", "vscode", false],
  ["server/src/lsp/a.ts", "vscode-languageclient/node", false],
  ["client/src/a.ts", "vscode", true],
  ["client/webview/a.ts", "vscode", false],
  ["server/src/facts/a.ts", "tree-sitter", false],
  ["server/src/lsp/b.ts", "web-tree-sitter", false],
  ["client/src/b.ts", "tree-sitter-python", false],
  ["server/src/syntax/a.ts", "tree-sitter", true],
  ["server/src/rules/b.ts", "vscode-languageserver", false],
  ["server/src/cli/a.ts", "vscode-languageserver/node", false],
  ["client/src/c.ts", "vscode-languageserver", false],
  ["server/src/lsp/c.ts", "vscode-languageserver/node", true],
  ["server/src/rules/c.ts", "../../../client/src/server.ts", false],
  ["client/src/d.ts", "../../server/src/analysis/workspace.ts", false],
  ["client/src/e.ts", "../../server/src/protocol.ts", true],
  ["client/src/benchmark/a.ts", "../../../server/src/bench/result.ts", true],
  ["server/src/program/a.ts", "../lsp/session.ts", false],
  ["server/src/lsp/d.ts", "../cli/check.ts", false],
  ["server/src/cli/b.ts", "../lsp/main.ts", true],
];

let refused: Set<string>;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "threadproof-boundaries-"));
  const config = JSON.parse(await readFile(join(root, "biome.json"), "utf8"));
  await writeFile(join(folder, "biome.json"), JSON.stringify({ ...config, vcs: { enabled: false } }));
  for (const [file, specifier] of cases) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `import { thing } from "${specifier}";\n\nthing();\n`);
  }
  const biome = join(root, "node_modules/.bin/biome");
  const { stdout } = await execa(biome, ["lint", "--reporter=json", "--max-diagnostics=none"], {
    cwd: folder,
    reject: false,
  });
  const { diagnostics } = JSON.parse(stdout) as {
    diagnostics: { category: string; location: { path: string | { file: string } } }[];
  };
  refused = new Set(
    diagnostics
      .filter(({ category }) => category === "lint/style/noRestrictedImports")
      .map(({ location: { path } }) => (typeof path === "string" ? path : path.file).replaceAll("\\", "/")),
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(cases)("%s importing %s: allowed is %s", (file, _specifier, allowed) => {
  expect(refused.has(file)).toBe(!allowed);
});

test("the client takes nothing but types from the server", async () => {
  const folders = ["client/src", "client/webview"];
  for (const folder of folders) {
    const names = await readdir(join(root, folder), { recursive: true });
    for (const name of names.filter((name) => name.endsWith(".ts"))) {
      const source = await readFile(join(root, folder, name), "utf8");
      const imports = source.match(/^(?:import|export)\b[^;]*?from "[^"]*\/server\/[^"]*"/gms) ?? [];
      expect(imports.filter((text) => !/^(?:import|export) type\b/.test(text))).toEqual([]);
    }
  }
});
