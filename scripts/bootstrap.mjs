// Brings a fresh clone to where every other script can run. Uses nothing but Node itself, since nothing else is
// installed yet; that is also why this one file starts processes without execa.
import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Checks Node's version and installs the npm packages when they are missing or older than the lock file.
 * @throws when Node is too old or npm fails
 */
export function bootstrap() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20) throw new Error(`Node 20 or later is needed; this is ${process.versions.node}`);
  if (isInstalled()) return;
  provideCompiler();
  say("npm ci");
  if (npm("ci")) return;
  say("npm ci failed; trying again without install scripts (the WebAssembly parser will serve)");
  if (!npm("ci", "--ignore-scripts")) throw new Error("npm ci failed");
}

function isInstalled() {
  // npm writes this file last, so its age tells about a complete installation only.
  const modified = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const installed = modified("node_modules/.package-lock.json");
  return installed > 0 && installed >= modified("package-lock.json");
}

/** The native parser is compiled on systems whose C++ library is older than its ready-made binary expects. */
function provideCompiler() {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return;
  if (
    ["make", "c++", "python3"].every((tool) => succeeds(tool, "--version")) ||
    !succeeds("apt-get", "--version")
  )
    return;
  say("apt-get install build-essential python3");
  const install = ["install", "-y", "--no-install-recommends", "build-essential", "python3"];
  if (!succeeds("apt-get", ...install)) {
    succeeds("apt-get", "update");
    succeeds("apt-get", ...install);
  }
}

function succeeds(program, ...args) {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}

function npm(...args) {
  // npm is a shell script on Windows, which only a shell can start; the arguments are our own words.
  const shell = process.platform === "win32";
  return (
    spawnSync("npm", [...args, "--no-audit", "--no-fund"], { cwd: root, stdio: ["ignore", 2, 2], shell })
      .status === 0
  );
}

function say(message) {
  process.stderr.write(`[bootstrap] ${message}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) bootstrap();
