// `npm test`: installs what is missing, checks, builds, packs and runs every test, the real editor included.
import { fileURLToPath } from "node:url";
import { bootstrap } from "./bootstrap.mjs";

bootstrap();
// Only now do the packages exist that these are made of.
const { execa } = await import("execa");
const { step } = await import("./provide/progress.mjs");
const { providePythons } = await import("./providePythons.mjs");
const { provideEditor } = await import("./provideEditor.mjs");
const { packageVsix } = await import("./packageVsix.mjs");

const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs one of the project's own tools and shows what it says. */
function tool(name, ...args) {
  return execa(name, args, { cwd: root, stdio: "inherit", preferLocal: true, localDir: root });
}

/** The editor that the end-to-end tests need exists for Linux and macOS. */
async function editorVariables() {
  if (process.platform === "win32") return {};
  const { node, codeServer, browser } = await provideEditor();
  return {
    THREADPROOF_EDITOR_NODE: node,
    THREADPROOF_CODE_SERVER: codeServer,
    THREADPROOF_CHROMIUM: browser,
  };
}

async function main() {
  const { python313, python313t } = await providePythons();
  Object.assign(process.env, { THREADPROOF_PYTHON313: python313, THREADPROOF_PYTHON313T: python313t });
  Object.assign(process.env, await editorVariables());
  await step("biome check", () => tool("biome", "check", "--error-on-warnings"));
  await step("tsc -b", () => tool("tsc", "-b"));
  await step("building", () => tool("node", "esbuild.mjs"));
  process.env.THREADPROOF_VSIX = await packageVsix();
  const report = ["--reporter=default", "--reporter=json", "--outputFile.json=artifacts/vitest.json"];
  await step("all tests", () => tool("vitest", "run", ...report, ...process.argv.slice(2)));
}

main().catch((error) => {
  process.stderr.write(`npm test: ${error.shortMessage ?? error.message}\n`);
  process.exitCode = 1;
});
