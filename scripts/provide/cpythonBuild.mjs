// Builds CPython 3.13 twice from one source tree, with and without the GIL and otherwise with the same flags.
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { provideCpythonSource } from "./debianSource.mjs";
import { run, step } from "./progress.mjs";
import { probe } from "./pythonCandidates.mjs";
import { ensureAptPackages, hasApt } from "./systemPackages.mjs";

const headers = [
  "build-essential",
  "pkg-config",
  "libssl-dev",
  "zlib1g-dev",
  "libffi-dev",
  "libsqlite3-dev",
  "liblzma-dev",
  "libbz2-dev",
];
// Profile-guided builds would take far longer; what matters for a comparison is that both sides are alike.
const sharedFlags = ["--without-ensurepip", "--disable-test-modules"];

/**
 * Where the two builds are found once made.
 * @param {string} root the cache
 */
export function builtPythons(root) {
  return {
    python313: join(root, "python", "3.13", "bin", "python3.13"),
    python313t: join(root, "python", "3.13t", "bin", "python3.13t"),
  };
}

/**
 * Makes both builds; one that is already there and answers is left alone, an interrupted one is continued.
 * @param {string} root the cache
 */
export async function buildPythons(root) {
  if (!(await hasApt())) {
    throw new Error("building CPython from Debian's source needs apt");
  }
  await ensureAptPackages(headers, "Building CPython");
  const source = await provideCpythonSource(root);
  const places = builtPythons(root);
  await build(root, source, "3.13", places.python313, []);
  await build(root, source, "3.13t", places.python313t, ["--disable-gil"]);
}

async function build(root, source, name, executable, flags) {
  if (await probe(executable)) return;
  const folder = join(root, "build", name);
  const prefix = join(root, "python", name);
  await mkdir(folder, { recursive: true });
  const configured = await stat(join(folder, "Makefile")).then(
    () => true,
    () => false,
  );
  if (!configured) {
    const configure = ["-q", `--prefix=${prefix}`, ...sharedFlags, ...flags];
    await step(`configuring CPython ${name}`, () =>
      run(join(source, "configure"), configure, { cwd: folder }),
    );
  }
  const jobs = `-j${availableParallelism()}`;
  await step(`compiling CPython ${name} (some minutes)`, () => run("make", ["-s", jobs], { cwd: folder }));
  // Installed beside its place and then moved there, so that what is at its place is always whole.
  const staged = join(root, "build", `${name}-installed`);
  await rm(staged, { recursive: true, force: true });
  const install = ["-s", "install", `DESTDIR=${staged}`];
  await step(`installing CPython ${name}`, () => run("make", install, { cwd: folder }));
  await rm(prefix, { recursive: true, force: true });
  await mkdir(dirname(prefix), { recursive: true });
  await rename(join(staged, prefix), prefix);
  await rm(staged, { recursive: true, force: true });
  if (!(await probe(executable))) throw new Error(`the CPython ${name} that was just built does not run`);
  await rm(folder, { recursive: true, force: true });
}
