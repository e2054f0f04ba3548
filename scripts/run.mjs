// Runs a TypeScript script of the project: bundles it with esbuild and imports the result.
//   node scripts/run.mjs scripts/perf.ts [ARG…]
import { mkdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const [script, ...args] = process.argv.slice(2);
if (script === undefined) throw new Error("usage: node scripts/run.mjs SCRIPT.ts [ARG…]");
// Inside node_modules, so that the bundle finds the packages it leaves out.
const folder = path.join(root, "node_modules", ".cache", "threadproof");
mkdirSync(folder, { recursive: true });
const outfile = path.join(folder, `${path.basename(script, ".ts")}.mjs`);
await build({
  entryPoints: [path.resolve(script)],
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  packages: "external",
  outfile,
  logLevel: "warning",
});
process.argv.splice(1, process.argv.length, outfile, ...args);
await import(`${pathToFileURL(outfile).href}?${Date.now()}`);
