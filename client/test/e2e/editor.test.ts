/** The packed extension in real VS Code, in a real browser: what a person sees from the first squiggle to the chart. */
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { unzipSync, zipSync } from "fflate";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CodeServer, startCodeServer } from "./codeServer.ts";
import { EditorWindow } from "./editorWindow.ts";
import { provided } from "./provided.ts";

const programs = path.resolve(import.meta.dirname, "../../../fixtures/programs");
const benchmark = "Threadproof: Benchmark Current File";

let workspace: string;
let server: CodeServer | undefined;
let window: EditorWindow | undefined;

async function open(settings: object, vsix?: string): Promise<EditorWindow> {
  server = await startCodeServer(workspace, settings, vsix);
  window = await EditorWindow.open(server.url);
  return window;
}

beforeEach(async () => {
  workspace = await mkdtemp(path.join(tmpdir(), "threadproof-workspace-"));
  for (const name of ["racy_counter.py", "cpu_bound.py"]) {
    await copyFile(path.join(programs, name), path.join(workspace, name));
  }
});

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") {
    await window?.screenshot(`failed-${task.name.replaceAll(/\W+/g, "-")}`);
    process.stderr.write(server?.log() ?? "");
  }
  await window?.close();
  await server?.stop();
  window = undefined;
  server = undefined;
  await rm(workspace, { recursive: true, force: true });
});

// code-server exists for Linux and macOS.
describe.skipIf(process.platform === "win32")("in the editor", () => {
  test("a race is underlined, the quick fix guards it, and the underline goes", {
    timeout: 180_000,
  }, async () => {
    const editor = await open({ "security.workspace.trust.enabled": false });
    await editor.openFile("racy_counter.py");
    await editor.squiggles().first().waitFor();
    await editor.screenshot("1-squiggle");

    await editor.page.keyboard.press("Control+Shift+M");
    await editor.page
      .locator(".markers-panel .monaco-list-row", { hasText: "total_downloads" })
      .first()
      .waitFor();
    await editor.screenshot("2-problems");
    await editor.page.keyboard.press("Control+Shift+M");

    const file = path.join(workspace, "racy_counter.py");
    const before = await readFile(file, "utf8");
    for (let fixes = 1; (await editor.squiggles().count()) > 0; fixes += 1) {
      expect(fixes, "each fix must take a finding away").toBeLessThanOrEqual(2);
      const entries = await editor.openQuickFixes();
      const guard = entries.filter({ hasText: /^Guard with/ }).first();
      await guard.waitFor();
      await editor.screenshot(`3-quick-fix-${fixes}`);
      await editor.waitForFewerSquiggles(() => guard.click());
    }
    await editor.screenshot("4-guarded");
    await editor.save();

    expect(await readFile(file, "utf8")).not.toBe(before);
    for (const python of [provided.python313(), provided.python313t()]) {
      const { stdout } = await execa(python, ["-W", "error", file]);
      expect(stdout).toBe("expected 400000, counted 400000, by kind {'wheel': 200000, 'sdist': 200000}");
    }
  });

  test("pyproject.toml is checked where it is edited, and decides", { timeout: 180_000 }, async () => {
    const configuration = path.join(workspace, "pyproject.toml");
    await writeFile(configuration, '[tool.threadproof]\nexclude = ["racy_counter.py"]\nselct = []\n');
    const editor = await open({ "security.workspace.trust.enabled": false });
    await editor.openFile("racy_counter.py"); // Python starts the extension
    await editor.openAnyFile("pyproject.toml");
    await editor.squiggles().first().waitFor();
    await editor.page.keyboard.press("Control+Shift+M");
    const problems = editor.page.locator(".markers-panel .monaco-list-row");
    await problems.filter({ hasText: "did you mean `select`?" }).first().waitFor();
    expect(await problems.filter({ hasText: "total_downloads" }).count()).toBe(0);
    await editor.screenshot("9-configuration");
  });

  test("without the native addons it finds the race just so, and shows no message", {
    timeout: 180_000,
  }, async () => {
    const files = unzipSync(new Uint8Array(await readFile(provided.vsix())), {
      filter: ({ name }) => !name.endsWith(".node"),
    });
    const vsix = path.join(workspace, "without-addons.vsix");
    await writeFile(vsix, zipSync(files));
    const editor = await open({ "security.workspace.trust.enabled": false }, vsix);
    await editor.openFile("racy_counter.py");
    await editor.squiggles().first().waitFor();
    expect(await editor.notifications().count()).toBe(0);
  });

  test("restricted mode shows findings and refuses to run code", { timeout: 180_000 }, async () => {
    const editor = await open({
      "security.workspace.trust.enabled": true,
      "security.workspace.trust.startupPrompt": "never",
      "security.workspace.trust.untrustedFiles": "open",
    });
    await editor.openFile("racy_counter.py");
    await editor.squiggles().first().waitFor();
    await editor.page
      .getByRole("button", { name: /Restricted Mode/ })
      .first()
      .waitFor();
    await editor.screenshot("7-restricted");
    await editor.runCommand(benchmark);
    const refusal = editor.notifications().filter({ hasText: "needs a trusted workspace" });
    await refusal.waitFor();
    expect(await editor.page.locator("iframe.webview").count()).toBe(0);
    await editor.screenshot("8-restricted-refuses");
  });
});
