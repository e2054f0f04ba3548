/** Fixes in real VS Code: from the light bulb through a preview, back with one undo, all on save, and a stress test. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type CodeServer, startCodeServer } from "./codeServer.ts";
import { EditorWindow } from "./editorWindow.ts";
import { provided } from "./provided.ts";

const sessions = `import threading

sessions = {}


def drop(token: str):
    if token in sessions:
        del sessions[token]


def add(token: str):
    sessions[token] = threading.get_ident()


def main():
    for token in "ab":
        threading.Thread(target=add, args=(token,)).start()
        threading.Thread(target=drop, args=(token,)).start()


if __name__ == "__main__":
    main()
`;
const repaired = sessions.replace(
  "    if token in sessions:\n        del sessions[token]\n",
  "    sessions.pop(token, None)\n",
);

const waiting = `import asyncio
import threading

total = 0


async def add(job):
    global total
    total += await job


def main(jobs):
    for job in jobs:
        threading.Thread(target=lambda: asyncio.run(add(job))).start()
`;

let workspace: string;
let file: string;
let server: CodeServer | undefined;
let window: EditorWindow | undefined;

async function open(settings: object = {}): Promise<EditorWindow> {
  server = await startCodeServer(workspace, { "security.workspace.trust.enabled": false, ...settings });
  window = await EditorWindow.open(server.url);
  await window.openFile("sessions.py");
  await window.squiggles().first().waitFor();
  return window;
}

const onDisk = () => readFile(file, "utf8");

beforeEach(async () => {
  workspace = await mkdtemp(path.join(tmpdir(), "threadproof-fixes-"));
  file = path.join(workspace, "sessions.py");
  await writeFile(file, sessions);
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
describe.skipIf(process.platform === "win32")("fixes in the editor", () => {
  test("a fix is previewed, applied, and undone in one step", { timeout: 180_000 }, async () => {
    const editor = await open();
    const entries = await editor.openQuickFixes();
    await editor.screenshot("fixes-1-light-bulb");
    const fix = entries.filter({ hasText: "Remove in one step" });
    expect(await entries.first().innerText()).toContain("Remove in one step");
    await fix.hover();
    await editor.page.keyboard.press("Control+Enter");
    const apply = editor.page.getByRole("button", { name: /^Apply/ }).first();
    await apply.waitFor();
    await editor.screenshot("fixes-2-preview");
    expect(await onDisk()).toBe(sessions);
    await editor.waitForFewerSquiggles(() => apply.click());
    await editor.page.getByRole("tab", { name: "sessions.py" }).first().click();
    await editor.save();
    await expect.poll(onDisk).toBe(repaired);

    await editor.page.locator(".editor-group-container.active .view-lines").first().click();
    await editor.page.keyboard.press("Control+Z");
    await editor.squiggles().first().waitFor();
    await editor.save();
    await expect.poll(onDisk).toBe(sessions);
  });

  test("all safe fixes come on save, once the user turned that on", { timeout: 180_000 }, async () => {
    const editor = await open({ "editor.codeActionsOnSave": { "source.fixAll.threadproof": "explicit" } });
    await editor.typeAtEnd("# the end");
    await editor.save(async () => (await onDisk()) === `${repaired}# the end`);
    await editor.screenshot("fixes-3-on-save");
  });

  test("saving changes nothing for others", { timeout: 180_000 }, async () => {
    const editor = await open();
    await editor.typeAtEnd("# the end");
    await editor.save();
    await expect.poll(onDisk).toBe(`${sessions}# the end`);
  });

  test("why a fix would be wrong is told", { timeout: 180_000 }, async () => {
    await writeFile(path.join(workspace, "waiting.py"), waiting);
    const editor = await open();
    await editor.openFile("waiting.py");
    await editor.squiggles().first().waitFor();
    const entries = await editor.openQuickFixes();
    await editor.screenshot("fixes-5-refused");
    await entries.filter({ hasText: "Why is no fix offered…" }).click();
    await editor.notifications().filter({ hasText: "await" }).first().waitFor();
    await editor.screenshot("fixes-6-reason");
    expect(await editor.notifications().innerText()).toContain("Guard");
  });

  test("a finding becomes a stress test that runs", { timeout: 180_000 }, async () => {
    const editor = await open();
    const entries = await editor.openQuickFixes();
    const make = entries.filter({ hasText: "Turn into a stress test" });
    await make.scrollIntoViewIfNeeded();
    await make.click();
    const name = "test_stress_sessions_drop.py";
    await editor.page.getByRole("tab", { name, selected: true }).waitFor();
    await editor.page.locator(".view-line", { hasText: "Stress test for check-then-act-mapping" }).waitFor();
    await editor.screenshot("fixes-4-stress-test");
    const made = path.join(workspace, "tests", name);
    await expect.poll(() => readFile(made, "utf8")).toContain("module.drop(");
    expect(await readFile(made, "utf8")).toContain("module.add(");
    const { stdout, exitCode } = await execa(provided.python313t(), ["-B", made], { reject: false });
    expect(stdout).toMatch(/FAILED in round \d+: \d+ calls raised, the first: KeyError\('a'\)/);
    expect(exitCode).toBe(1);
  });
});
