// Locks around code that the file does not know.
import { expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import { fixesFor } from "../src/fixes/fixesFor.ts";

async function lockFixes(lines: readonly string[], fn: string) {
  const workspace = await Workspace.create({ concurrency: "library", target: "3.13" });
  workspace.update("/case/main.py", [...lines, ""].join("\n"));
  const finding = workspace.allFindings().find((one) => one.function === fn && one.guard !== undefined);
  expect(finding, lines.join("\n")).toBeDefined();
  const sources = { tree: (file: string) => workspace.tree(file) };
  return fixesFor(finding!, sources).filter(({ title }) => title.startsWith("Guard"));
}

const probe = (taken: string) => [
  "import threading",
  "",
  "",
  "class Probe:",
  "    def __init__(self):",
  "        self._entry_lock = threading.Lock()",
  "        self._locks = {}",
  "        self._values = {}",
  "",
  "    def store(self, key, value):",
  "        entry_lock = self._locks[key]",
  "        if key not in self._values:",
  `            with ${taken}:`,
  "                value.check()",
  "            self._values[key] = value",
];

test.each(["entry_lock", "self._locks[key]", "self.lock_for(key)"])(
  "no lock around `with %s`, which is one of many",
  async (taken) => {
    for (const { disabled } of await lockFixes(probe(taken), "Probe.store")) {
      expect(disabled).toContain(`\`${taken}\` is taken in between`);
    }
  },
);

test("a file that is opened in between is no lock", async () => {
  const fixes = await lockFixes(probe("value.opened()"), "Probe.store");
  expect(fixes.some(({ disabled }) => disabled === undefined)).toBe(true);
});

test("the title names the function that was handed in and runs under the lock", async () => {
  const [fix] = await lockFixes(
    [
      "class Slots:",
      "    def __init__(self):",
      "        self.free = 1",
      "",
      "    def acquire(self, callback):",
      "        if self.free > 0:",
      "            self.free -= 1",
      "            callback()",
    ],
    "Slots.acquire",
  );
  expect(fix).toMatchObject({
    isPreferred: false,
    title: expect.stringContaining("while `callback()` runs"),
  });
});
