// Fetches CPython's source from Debian's trixie suite, signature-checked by apt, without touching this machine's apt.
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemMirror } from "./debianMirror.mjs";
import { run, step } from "./progress.mjs";
import { ensureAptPackages } from "./systemPackages.mjs";

const suite = "trixie";
const sourcePackage = "python3.13";

/**
 * @param {string} root the cache; the tree lands in `cpython-source/Python-3.13.x`, the archive in `downloads`
 * @returns {Promise<string>} the unpacked source tree
 */
export async function provideCpythonSource(root) {
  const home = join(root, "cpython-source");
  const present = await unpackedTree(home);
  if (present) return present;
  await ensureAptPackages(["xz-utils"], "Unpacking CPython's source");
  const archive = await downloadedArchive(join(root, "downloads"));
  await mkdir(home, { recursive: true });
  const scratch = await mkdtemp(join(home, "unpacking-"));
  try {
    await step("unpacking CPython's source", () => run("tar", ["-xf", archive, "-C", scratch]));
    const [tree] = await readdir(scratch);
    await rename(join(scratch, tree), join(home, tree));
    return join(home, tree);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function unpackedTree(home) {
  const names = await readdir(home).catch(() => []);
  const tree = names.find((name) => name.startsWith("Python-3.13"));
  return tree && join(home, tree);
}

async function downloadedArchive(folder) {
  await mkdir(folder, { recursive: true });
  const isArchive = (name) => name.startsWith(`${sourcePackage}_`) && /\.orig\.tar\.\w+$/.test(name);
  const present = (await readdir(folder)).find(isArchive);
  if (present) return join(folder, present);

  const apt = await mkdtemp(join(folder, "apt-"));
  try {
    const sources = join(apt, `${suite}.sources`);
    await mkdir(join(apt, "lists", "partial"), { recursive: true });
    await mkdir(join(apt, "cache", "archives", "partial"), { recursive: true });
    await writeFile(sources, await trixieSources());
    const own = [
      `-oDir::Etc::sourcelist=${sources}`,
      "-oDir::Etc::sourceparts=/dev/null",
      `-oDir::State::Lists=${join(apt, "lists")}`,
      `-oDir::Cache=${join(apt, "cache")}`,
      "-oAPT::Sandbox::User=root",
    ];
    await step(`reading Debian's list of ${suite} sources`, () => run("apt-get", [...own, "update"]));
    const get = ["source", "--download-only", "-q", sourcePackage];
    await step(`downloading the source of ${sourcePackage}`, () =>
      run("apt-get", [...own, ...get], { cwd: apt }),
    );
    const archive = (await readdir(apt)).find(isArchive);
    if (!archive) throw new Error(`apt-get fetched ${sourcePackage}, but brought no .orig.tar`);
    await rename(join(apt, archive), join(folder, archive));
    return join(folder, archive);
  } finally {
    await rm(apt, { recursive: true, force: true });
  }
}

/** The mirror and keyring of the running system, with another suite and sources instead of binaries. */
async function trixieSources() {
  const { mirror, signedBy } = await systemMirror();
  const keyring = signedBy ?? "/usr/share/keyrings/debian-archive-keyring.gpg";
  return `Types: deb-src\nURIs: ${mirror}\nSuites: ${suite}\nComponents: main\nSigned-By: ${keyring}\n`;
}
