// Makes sure that a real VS Code (inside code-server) and a browser to drive it are at hand for the editor test.
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { provideBrowser } from "./provide/browser.mjs";
import { cacheRoot } from "./provide/cachePlaces.mjs";
import { exclusively } from "./provide/exclusive.mjs";
import { run, say, step } from "./provide/progress.mjs";
import { ensureAptPackages, hasApt } from "./provide/systemPackages.mjs";

const versions = { node: "24", codeServer: "4.139.1" };

/**
 * @returns {Promise<{node: string, codeServer: string, browser: string}>} the Node that code-server needs,
 * code-server's entry file, and a Chromium
 * @throws with one message when a part can be neither found nor installed
 */
export async function provideEditor() {
  const home = join(cacheRoot(), "editor");
  const editor = {
    node: join(home, "node", "node_modules", "node", "bin", "node"),
    codeServer: join(home, "code-server", "node_modules", "code-server", "out", "node", "entry.js"),
    browser: await provideBrowser(),
  };
  const stamp = join(home, "ready.json");
  const wanted = JSON.stringify(versions);
  const ready = async () => (await readFile(stamp, "utf8").catch(() => "")) === wanted;
  if (!(await ready())) {
    await exclusively(home, async () => {
      if (await ready()) return;
      await install(home);
      await run(editor.node, [editor.codeServer, "--version"]);
      await writeFile(stamp, wanted);
    });
  }
  return editor;
}

async function install(home) {
  if (await hasApt())
    await ensureAptPackages(["build-essential", "pkg-config", "python3"], "VS Code's native parts");
  const node = join(home, "node");
  await fresh(node, { private: true, allowScripts: { node: true } });
  await step(`npm: Node ${versions.node} for the editor`, () =>
    npm(node, [], ["install", `node@${versions.node}`]),
  );

  const path = [join(node, "node_modules", "node", "bin")];
  const server = join(home, "code-server");
  const vscode = join(server, "node_modules", "code-server", "lib", "vscode");
  await fresh(server, { private: true });
  await step(`npm: code-server ${versions.codeServer}`, async () => {
    await npm(server, path, ["install", "--ignore-scripts", `code-server@${versions.codeServer}`]);
    await npm(vscode, path, ["install", "--omit=dev", "--ignore-scripts"]);
  });
  // The two native parts that VS Code's remote host starts with; the others are for features no test uses.
  const native = ["@vscode/spdlog", "@vscode/native-watchdog"];
  await step("compiling VS Code's native parts", () => npm(vscode, path, ["rebuild", ...native]));
}

async function fresh(folder, manifest) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
}

function npm(cwd, path, args) {
  const env = { PATH: [...path, process.env.PATH].join(delimiter) };
  return run("npm", [...args, "--no-audit", "--no-fund"], { cwd, env });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.stdout.write(`${JSON.stringify(await provideEditor(), null, 2)}\n`);
  } catch (error) {
    say(error.message);
    process.exitCode = 1;
  }
}
