// Bundles the extension, the server, the command line and the webview into dist/.
//   node esbuild.mjs            minified, as shipped
//   node esbuild.mjs --watch    readable, with source maps, rebuilt on every change
import { chmod, copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import esbuild from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, "dist");
const watch = process.argv.includes("--watch");

const shared = {
  absWorkingDir: root,
  bundle: true,
  minify: !watch,
  sourcemap: watch,
  legalComments: "none",
  logLevel: "info",
  define: { "process.env.NODE_ENV": watch ? '"development"' : '"production"' },
};

/** CommonJS, because the editor loads extensions with require; ES modules ask for their own address. */
const node = {
  ...shared,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode", "tree-sitter", "tree-sitter-python"],
  define: { ...shared.define, "import.meta.url": "bundleUrl" },
  // Names in stack traces are what a bug report is read by.
  keepNames: true,
};
const bundleUrl = 'const bundleUrl = require("node:url").pathToFileURL(__filename).href;';

const bundles = [
  {
    ...node,
    entryPoints: ["client/src/extension.ts"],
    outfile: "dist/extension.js",
    banner: { js: bundleUrl },
  },
  { ...node, entryPoints: ["server/src/lsp/main.ts"], outfile: "dist/server.js", banner: { js: bundleUrl } },
  {
    ...node,
    entryPoints: ["server/src/cli/main.ts"],
    outfile: "dist/cli.js",
    banner: { js: `#!/usr/bin/env node\n${bundleUrl}` },
  },
  {
    ...shared,
    entryPoints: ["client/webview/benchmark.ts"],
    outfile: "dist/webview/benchmark.js",
    platform: "browser",
    format: "iife",
    target: "es2022",
  },
];

/** What the bundles look for beside themselves: the WebAssembly parser, the grammar, the facts about packages. */
async function copyCompanions() {
  const engine = join(root, "node_modules", "web-tree-sitter");
  const engines = (await readdir(engine)).filter((name) => name.endsWith(".wasm"));
  if (engines.length === 0) throw new Error("web-tree-sitter carries no .wasm file");
  const grammar = join(root, "node_modules", "tree-sitter-python", "tree-sitter-python.wasm");
  const packages = join(root, "server", "data", "packages.json");
  const files = [...engines.map((name) => join(engine, name)), grammar, packages];
  await Promise.all(files.map((file) => copyFile(file, join(dist, basename(file)))));
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
await copyCompanions();
if (watch) {
  const contexts = await Promise.all(bundles.map((bundle) => esbuild.context(bundle)));
  await Promise.all(contexts.map((context) => context.watch()));
} else {
  // esbuild itself prints what is wrong; a stack of its inner workings would only hide it.
  const results = await Promise.allSettled(bundles.map((bundle) => esbuild.build(bundle)));
  if (results.some(({ status }) => status === "rejected")) process.exit(1);
  await chmod(join(dist, "cli.js"), 0o755);
}
