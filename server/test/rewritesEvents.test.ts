// A program whose thread sleeps for an hour between two looks at its flag ends at once when the flag is an event.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { rewritesFor } from "../src/fixes/rewrite/rewritesFor.ts";
import { python } from "./fixesHarness.ts";

const program = `import threading
import time


class Heart(threading.Thread):
    def __init__(self):
        super().__init__()
        self._running = True
        self._beaten = False
        self.beats = 0

    def run(self):
        while self._running:
            self.beats += 1
            self._beaten = True
            time.sleep(3600)

    def stop(self):
        self._running = False

    def wait(self):
        while not self._beaten:
            time.sleep(3600)


heart = Heart()
waiting = threading.Thread(target=heart.wait)
waiting.start()
heart.start()
waiting.join()
heart.stop()
heart.join()
print(heart.beats, heart._running)
`;

/** The program with every rewrite of the rule, one finding after the other. */
async function rewritten(): Promise<string> {
  const file = "/heart.py";
  const workspace = await Workspace.create({ concurrency: "auto", target: "3.13" });
  workspace.update(file, program.replace(", heart._running", ""));
  for (;;) {
    const finding = workspace.findings(file).find(({ rule }) => rule === "polled-flag");
    if (finding === undefined) return workspace.text(file)!;
    const [fix] = rewritesFor(finding, workspace.tree(file)!, "3.13");
    if (fix === undefined) throw new Error(`no fix for ${finding.symbol}`);
    workspace.update(file, applyEdits(workspace.text(file)!, fix.edits));
  }
}

test("is offered for both flags, and not where an object is asked from outside", async () => {
  const text = await rewritten();
  expect(text).toContain("while not self._stopped.is_set():");
  expect(text).toContain("            self._stopped.wait(3600)\n");
  expect(text).toContain("    def wait(self):\n        self._beaten.wait()\n");
  expect(text).not.toContain("import time");

  const workspace = await Workspace.create({ concurrency: "auto", target: "3.13" });
  workspace.update("/heart.py", program);
  const offered = workspace
    .allFindings()
    .filter(({ rule }) => rule === "polled-flag")
    .map((finding) => [finding.symbol, rewritesFor(finding, workspace.tree(finding.path)!, "3.13").length]);
  expect(offered).toEqual([
    ["self._running", 0],
    ["self._beaten", 1],
  ]);
});

describe.each(["3.13", "3.13t"] as const)("on %s", (build) => {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "threadproof-events-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  test.skipIf(python(build) === undefined)("ends without sleeping on", { timeout: 60_000 }, async () => {
    const file = path.join(folder, "heart.py");
    await writeFile(file, await rewritten());
    const { stdout } = await execa(python(build)!, [file], { timeout: 50_000 });
    expect(stdout).toBe("1");
  });
});
