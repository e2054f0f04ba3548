// Puts the native parser and what it needs at run time under dist/node_modules, where the bundles find it first.
// On Linux both addons are compiled here: the ready-made one of tree-sitter asks for a newer C++ library than
// Debian 12, Ubuntu 22.04 or RHEL 9 have, so ours carries its own.
import { copyFile, cp, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheRoot } from "../provide/cachePlaces.mjs";
import { run, step } from "../provide/progress.mjs";
import { ensureAptPackages, hasApt } from "../provide/systemPackages.mjs";

const addons = [
  { name: "tree-sitter", files: ["package.json", "LICENSE", "index.js"] },
  {
    name: "tree-sitter-python",
    files: ["package.json", "LICENSE", "bindings/node/index.js", "src/node-types.json"],
  },
];
const loaderFiles = ["package.json", "LICENSE", "index.js", "node-gyp-build.js"];

/** The C library of this system as node-gyp-build names it, so that a musl system does not load a glibc addon. */
export function linuxLibc() {
  return process.report.getReport().header.glibcVersionRuntime ? "glibc" : "musl";
}

/**
 * Fills dist/node_modules.
 * @param {string} root the checkout; its packages must be installed
 */
export async function stageNativeParsers(root) {
  const target = join(root, "dist", "node_modules");
  await rm(target, { recursive: true, force: true });
  await copyFiles(join(root, "node_modules", "node-gyp-build"), join(target, "node-gyp-build"), loaderFiles);
  const system = `${process.platform}-${process.arch}`;
  const tag = process.platform === "linux" ? `.${linuxLibc()}` : "";
  for (const { name, files } of addons) {
    const from = join(root, "node_modules", name);
    await copyFiles(from, join(target, name), files);
    const binary =
      process.platform === "linux"
        ? await compiled(from, name)
        : join(from, "prebuilds", system, `${name}.node`);
    const prebuild = join(target, name, "prebuilds", system, `${name}${tag}.node`);
    await mkdir(dirname(prebuild), { recursive: true });
    await copyFile(binary, prebuild);
  }
}

async function copyFiles(from, to, files) {
  for (const file of files) {
    await mkdir(dirname(join(to, file)), { recursive: true });
    await copyFile(join(from, file), join(to, file));
  }
}

/** Compiles one addon, once per version and system. The addons speak Node-API, so any later Node loads them. */
async function compiled(packageFolder, name) {
  const { version } = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8"));
  const folder = join(cacheRoot(), "native", `${name}-${version}-${process.arch}-${linuxLibc()}`);
  const binary = join(folder, `${name}.node`);
  if ((await readdir(folder).catch(() => [])).includes(`${name}.node`)) return binary;
  if (await hasApt()) await ensureAptPackages(["build-essential", "python3"], "Compiling the native parser");

  // Beside the package, so that it finds its own dependencies; without the ready-made binaries it compiles.
  const scratch = `${packageFolder}-compiled-${process.pid}`;
  const skip = new Set(["build", "prebuilds"].map((part) => join(packageFolder, part)));
  try {
    await cp(packageFolder, scratch, { recursive: true, filter: (source) => !skip.has(source) });
    const env = { LDFLAGS: "-static-libstdc++ -static-libgcc", npm_config_build_from_source: "true" };
    await step(`compiling ${name} ${version}`, () => run("npm", ["run", "install"], { cwd: scratch, env }));
    const release = join(scratch, "build", "Release");
    const product = (await readdir(release)).find((file) => file.endsWith(".node"));
    if (!product) throw new Error(`compiling ${name} left no addon`);
    await run("strip", [join(release, product)]);
    await mkdir(folder, { recursive: true });
    await copyFile(join(release, product), `${binary}.${process.pid}`);
    await rename(`${binary}.${process.pid}`, binary);
    return binary;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
