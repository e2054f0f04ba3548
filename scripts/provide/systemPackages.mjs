// Asks the system's package manager for what an npm package cannot bring: compilers, headers, a browser.
import { execa } from "execa";
import { run, step } from "./progress.mjs";

/** @returns {Promise<boolean>} whether this is a system with apt */
export async function hasApt() {
  return (await execa("apt-get", ["--version"], { reject: false })).exitCode === 0;
}

/**
 * Makes sure the Debian packages are there.
 * @param {readonly string[]} names
 * @param {string} purpose said in the message when they cannot be installed
 * @throws when something is missing and this process may not install it
 */
export async function ensureAptPackages(names, purpose) {
  const missing = await missingAptPackages(names);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new Error(
      `${purpose} needs system packages. Please run: sudo apt-get install -y ${missing.join(" ")}`,
    );
  }
  await step(`installing ${missing.join(", ")}`, async () => {
    const patience = ["-oDPkg::Lock::Timeout=600"];
    const env = { DEBIAN_FRONTEND: "noninteractive" };
    const install = ["install", "-y", "--no-install-recommends", ...patience, ...missing];
    const first = await execa("apt-get", install, { env, reject: false, stdin: "ignore" });
    if (first.exitCode === 0) return;
    await run("apt-get", ["update", ...patience], { env });
    await run("apt-get", install, { env });
  });
}

async function missingAptPackages(names) {
  const query = ["-W", "-f", "$" + "{Package} $" + "{db:Status-Status}\\n", ...names];
  const { stdout } = await execa("dpkg-query", query, { reject: false });
  const installed = new Set();
  for (const line of stdout.split("\n")) {
    const [name, status] = line.split(" ");
    if (status === "installed") installed.add(name);
  }
  return names.filter((name) => !installed.has(name));
}
