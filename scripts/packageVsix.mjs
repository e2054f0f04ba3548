// Packs dist/ into the VSIX of this platform, with both parsers inside.
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { linuxLibc, stageNativeParsers } from "./package/nativeParsers.mjs";
import { run, say, step } from "./provide/progress.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Expects a finished build in dist/.
 * @returns {Promise<string>} the package's path under artifacts/
 */
export async function packageVsix() {
  const system = process.platform === "linux" && linuxLibc() === "musl" ? "alpine" : process.platform;
  const target = `${system}-${process.arch}`;
  const vsix = join(root, "artifacts", `threadproof-${target}.vsix`);
  await stageNativeParsers(root);
  await mkdir(dirname(vsix), { recursive: true });
  const vsce = createRequire(import.meta.url).resolve("@vscode/vsce/vsce");
  // Everything needed is bundled or staged, so vsce need not look into node_modules.
  const options = ["--no-dependencies", "--target", target, "--out", vsix];
  await step(`packing ${vsix}`, () => run(process.execPath, [vsce, "package", ...options], { cwd: root }));
  return vsix;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${await packageVsix()}\n`);
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
