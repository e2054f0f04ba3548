// Calls that move out of a `with` block: what speaks against it in each shape, and that listeners who come back to the
// lock no longer wait for themselves.
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import { applyEdits, type TextFix } from "../src/fixes/fix.ts";
import { rewritesFor } from "../src/fixes/rewrite/rewritesFor.ts";
import { python } from "./fixesHarness.ts";

async function offered(rule: string, text: string): Promise<TextFix[]> {
  const workspace = await Workspace.create({ concurrency: "library", target: "3.13", preview: true });
  workspace.update("/case/main.py", text);
  const found = workspace.allFindings().find((finding) => finding.rule === rule);
  expect(found, `${rule} in\n${text}`).toBeDefined();
  return rewritesFor(found!, workspace.tree("/case/main.py")!, "3.13");
}

/** A bus whose method `publish` has these lines. */
const bus = (...lines: string[]) =>
  [
    "import threading",
    "import time",
    "import urllib.request",
    "",
    "",
    "class Bus:",
    "    def __init__(self, on_event):",
    "        self._lock = threading.Lock()",
    "        self._listeners = []",
    "        self._on_event = on_event",
    "        self._last = None",
    "        self._log = {}",
    "",
    "    def publish(self, event):",
    ...lines.map((line) => `        ${line}`),
    "",
  ].join("\n");

const locked = (...lines: string[]) => bus("with self._lock:", ...lines.map((line) => `    ${line}`));
const loop = ["for listener in self._listeners:"];

describe("what speaks against it", () => {
  test.each([
    ["shared data that it changes", locked(...loop, "    self._last = listener(event)"), "is changed there"],
    ["shared data that it uses", locked(...loop, "    listener(event, self._log)"), "`self._log` is used"],
    ["a container handed over", locked("self._last = event", "self._on_event(self._log)"), "a copy"],
    [
      "a method of the object",
      locked(...loop, "    listener(self.publish)", "    self.publish(1)"),
      "may need",
    ],
    ["a way out of the block", locked("self._on_event(event)", "if event:", "    return"), "may be left"],
    [
      "a result that the rest needs",
      locked("answer = self._on_event(event)", "self._last = answer"),
      "needs what",
    ],
    ["a loop's result", locked(...loop, "    answer = listener(event)", "self._last = answer"), "needs what"],
    ["a lock for nothing else", locked("self._on_event(event)"), "does nothing else"],
  ])("%s", async (_, text, reason) => {
    const [fix, ...more] = await offered("callback-holding-lock", text);
    expect(more).toEqual([]);
    expect(fix?.edits).toEqual([]);
    expect(fix?.disabled).toContain(reason);
  });

  test.each([
    [
      "a test whose answer may change",
      locked("if event in self._log:", "    del self._log[event]", "time.sleep(1)", "self._last = event"),
      "no longer hold",
    ],
    [
      "a value read before",
      locked("last = self._last", "time.sleep(1)", "self._last = last"),
      "no longer hold",
    ],
    [
      "an argument of the lock's data",
      locked("time.sleep(self._last)", "self._last = 1"),
      "`self._last` is read",
    ],
  ])("a pause with %s", async (_, text, reason) => {
    const [fix] = await offered("sleep-holding-lock", text);
    expect(fix?.disabled).toContain(reason);
  });

  test("a download that asks the lock's data where to", async () => {
    const text = locked("self._log[event] = urllib.request.urlopen(self._last or self._log[0]).read()");
    const [fix] = await offered(
      "blocking-call-holding-lock",
      text.replace("self._log = {}", "self._log = {}\n\n    def move(self):\n        self._last = 1"),
    );
    expect(fix?.disabled).toContain("may need the lock");
  });

  test.each([
    [
      "two locks in one `with`",
      "callback-holding-lock",
      bus("with self._lock, open(event):", ...loop.map((l) => `    ${l}`), "        listener(event)"),
    ],
    ["a block on one line", "callback-holding-lock", bus("with self._lock: self._on_event(event)")],
    ["a pause that is all there is", "sleep-holding-lock", locked("time.sleep(1)")],
    [
      "a pause in a loop",
      "sleep-holding-lock",
      locked("while not self._last:", "    time.sleep(1)", "self._last = 1"),
    ],
    ["one value at a time", "yield-holding-lock", locked("self._last = event", "yield self._last")],
  ])("nothing for %s", async (_, rule, text) => {
    expect(await offered(rule, text)).toEqual([]);
  });
});

describe.each(["3.13", "3.13t"] as const)("on %s", (build) => {
  const exe = python(build);
  const program = [
    bus(
      "with self._lock:",
      "    self._last = event",
      ...loop.map((l) => `    ${l}`),
      "        listener(event)",
    ),
    "    def subscribe(self, listener):",
    "        with self._lock:",
    "            self._listeners.append(listener)",
    "",
    "",
    "bus = Bus(None)",
    "bus.subscribe(lambda event: print(event, len(bus._listeners)))",
    "bus.subscribe(lambda event: bus.subscribe(print))",
    "bus.subscribe(lambda event: print(event, len(bus._listeners)))",
    "worker = threading.Thread(target=bus.publish, args=('a',), daemon=True)",
    "worker.start()",
    "worker.join(10)",
    "print('hangs' if worker.is_alive() else 'done')",
    "",
  ].join("\n");

  test.skipIf(exe === undefined)("a listener may subscribe another", async () => {
    const [fix] = await offered("callback-holding-lock", program);
    const { stdout } = await execa(exe!, ["-c", applyEdits(program, fix!.edits)]);
    expect(stdout.split(/\r?\n/)).toEqual(["a 3", "a 4", "done"]);
  });
});
