/** Benchmarks in real VS Code: started from a link above a function, watched, compared, reloaded, cancelled. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CodeServer, startCodeServer } from "./codeServer.ts";
import { EditorWindow } from "./editorWindow.ts";
import { provided } from "./provided.ts";

const collatz = `"""The longest Collatz sequence below a limit."""


def steps(number):
    count = 0
    while number != 1:
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        count += 1
    return count


def bench_longest():
    return max(steps(number) for number in range(1, 3_000))


# threadproof: bench(limit=2_000)
def total(limit):
    return sum(steps(number) for number in range(1, limit))


if __name__ == "__main__":
    print(bench_longest())
`;

/** Starts another process and waits: nothing ends it but a cancellation. */
const endless = `import subprocess, sys, time

subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", __file__])
time.sleep(600)
`;

/** The command line as it was built for the package. */
const cli = path.resolve(import.meta.dirname, "../../../dist/cli.js");

/** Polls give up after a second unless they are told otherwise. */
const patient = { timeout: 60_000 };

let workspace: string;
let server: CodeServer | undefined;
let window: EditorWindow | undefined;

async function open(settings: object = {}, env: Record<string, string> = {}): Promise<EditorWindow> {
  const all = {
    "security.workspace.trust.enabled": false,
    "threadproof.benchmark.interpreters": [provided.python313(), provided.python313t()],
    "threadproof.benchmark.threads": [1, 2],
    "threadproof.benchmark.timeBudgetSeconds": 10,
    ...settings,
  };
  server = await startCodeServer(workspace, all, provided.vsix(), env);
  window = await EditorWindow.open(server.url);
  return window;
}

/** Processes that were started on this file. */
async function processesOf(file: string): Promise<string[]> {
  const { stdout } = await execa("ps", ["-A", "-ww", "-o", "args="]);
  return stdout.split("\n").filter((line) => line.includes(file) && !line.includes("cli.js"));
}

beforeEach(async () => {
  workspace = await mkdtemp(path.join(tmpdir(), "threadproof-benchmarks-"));
  await writeFile(path.join(workspace, "collatz.py"), collatz);
  await writeFile(path.join(workspace, "endless.py"), endless);
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
describe.skipIf(process.platform === "win32")("benchmarks in the editor", () => {
  test("a function is measured from its link, compared, and its results survive a reload", {
    timeout: 400_000,
  }, async () => {
    const editor = await open();
    await editor.openFile("collatz.py");
    await expect.poll(() => editor.lenses("Benchmark scaling").count(), patient).toBe(2);
    await editor.screenshot("5-benchmark-lenses");
    await editor.lenses("Benchmark scaling").first().click();

    let page = await editor.webview();
    await page.getByRole("progressbar").waitFor();
    await page.getByRole("heading", { name: "Which way out fits" }).waitFor({ timeout: 120_000 });
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("bench_longest() in collatz.py");
    const chart = page.getByRole("img").first();
    expect(await chart.getAttribute("aria-label")).toMatch(/3\.13t: 1\.00 on 1, \d\.\d\d on 2/);
    expect(await chart.locator("canvas").count()).toBe(1);
    const groups = await page.getByRole("rowheader").allInnerTexts();
    expect(groups).toEqual(expect.arrayContaining(["3.13, GIL on", "3.13t, GIL off"]));
    expect(await page.getByText("Compared with an earlier run").count()).toBe(0);
    await editor.screenshot("6-benchmark-result");

    // The second run of the same function is compared with the first without being asked.
    await page.getByRole("button", { name: "Run again" }).click();
    await page.getByRole("progressbar").waitFor();
    await page.getByRole("heading", { name: "Compared with an earlier run" }).waitFor({ timeout: 120_000 });

    await page.getByRole("button", { name: "Compare with…" }).click();
    await editor.choices().first().click();
    await expect.poll(() => page.getByRole("article").count(), patient).toBe(2);
    // The list gives the focus back to the panel only now, which would close whatever a key has opened before.
    await page.waitForFunction(() => document.hasFocus());
    await editor.page.keyboard.press("Control+B");
    await editor.runCommand("View: Toggle Maximize Editor Group");
    await editor.screenshot("6-benchmark-compared");

    const answers = await page.locator(".answer").allInnerTexts();
    await editor.reload();
    page = await editor.webview();
    await expect.poll(() => page.locator(".answer").allInnerTexts(), patient).toEqual(answers);

    await server?.configure({ "workbench.colorTheme": "Default High Contrast" });
    await page.locator("body.vscode-high-contrast").waitFor();
    await editor.screenshot("6-benchmark-high-contrast");
    await page.getByRole("button", { name: "Close this column" }).click();
    await expect.poll(() => page.getByRole("article").count(), patient).toBe(1);
  });

  test("what runs is drawn so far, and cancelling ends the program with all it has started", {
    timeout: 240_000,
  }, async () => {
    const editor = await open({ "threadproof.benchmark.timeBudgetSeconds": 600 });
    await editor.openFile("collatz.py");
    await editor.runCommand("Threadproof: Benchmark Current File");
    const partial = await editor.webview();
    await partial.getByRole("heading", { name: "So far" }).waitFor({ timeout: 60_000 });
    await editor.screenshot("5-benchmark-running");
    await partial.getByRole("button", { name: "Cancel" }).click();
    await partial.locator(".answer", { hasText: "The benchmark was cancelled." }).waitFor();
    await editor.page.keyboard.press("Control+K");
    await editor.page.keyboard.press("Control+W");

    await editor.openFile("endless.py");
    await editor.runCommand("Threadproof: Benchmark Current File");
    const page = await editor.webview();
    const file = path.join(workspace, "endless.py");
    await expect.poll(() => processesOf(file), patient).toHaveLength(2);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.locator(".answer", { hasText: "The benchmark was cancelled." }).waitFor();
    expect(await processesOf(file)).toEqual([]);
    await page.getByRole("button", { name: "Run again" }).waitFor();
    await editor.screenshot("6-benchmark-cancelled");
  });

  test("a missing build is explained, and nothing is installed before a click", {
    timeout: 180_000,
  }, async ({ skip }) => {
    const nothing = path.join(workspace, "nothing");
    const unnamed = { THREADPROOF_PYTHON313: "", THREADPROOF_PYTHON313T: "" };
    const env = { PATH: nothing, HOME: nothing, THREADPROOF_CACHE: nothing, PYENV_ROOT: nothing, ...unnamed };
    const args = [cli, "bench", path.join(workspace, "collatz.py"), "--rounds", "1"];
    const alone = await execa(process.execPath, args, { env, reject: false });
    skip(alone.exitCode === 0, "this machine has both builds where every user finds them");
    const editor = await open({ "threadproof.benchmark.interpreters": [] }, env);
    await editor.openFile("collatz.py");
    await editor.runCommand("Threadproof: Benchmark Current File");
    const page = await editor.webview();
    await page.locator("pre", { hasText: "uv python install" }).waitFor({ timeout: 60_000 });
    expect(await editor.page.locator(".terminal-wrapper").count()).toBe(0);
    await editor.screenshot("6-benchmark-install");
    await page.getByRole("button", { name: "Run this in a terminal" }).click();
    await editor.page.locator(".terminal-wrapper").first().waitFor();
    await editor.screenshot("6-benchmark-installing");
  });
});
