// `npm run demo`: from a fresh clone to a found race and a scaling table.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bootstrap } from "./bootstrap.mjs";

bootstrap();
// Only now do the packages exist that these are made of.
const { execa } = await import("execa");
const { step } = await import("./provide/progress.mjs");
const { providePythons } = await import("./providePythons.mjs");

const root = fileURLToPath(new URL("..", import.meta.url));
const programs = "fixtures/programs";
const html = join(root, "artifacts", "demo", "cpu_bound.html");

/** Shows the command and then what it prints; only an exit code that is not expected is a failure. */
async function show(args, expected) {
  process.stdout.write(`\n$ threadproof ${args.join(" ")}\n`);
  const options = { cwd: root, stdio: "inherit", reject: false };
  const { exitCode } = await execa(process.execPath, ["dist/cli.js", ...args], options);
  if (exitCode !== expected)
    throw new Error(`threadproof ${args[0]} ended with ${exitCode}, not ${expected}`);
}

async function main() {
  const { python313, python313t } = await providePythons();
  await step("building", () => execa(process.execPath, ["esbuild.mjs"], { cwd: root }));
  await mkdir(join(root, "artifacts", "demo"), { recursive: true });
  await show(["check", `${programs}/racy_counter.py`], 1);
  const pythons = ["--python", python313, "--python", python313t];
  await show(["bench", ...pythons, "--html", html, `${programs}/cpu_bound.py`], 0);
  process.stdout.write(`\nThe report with the chart: ${html}\n`);
}

main().catch((error) => {
  process.stderr.write(`npm run demo: ${error.shortMessage ?? error.message}\n`);
  process.exitCode = 1;
});
