// Tasks of `map` in copies of one context: what they return with thousands of them at once, and what each one sees.
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { rewritesFor } from "../src/fixes/rewrite/rewritesFor.ts";
import { python } from "./fixesHarness.ts";

async function fixed(rule: string, text: string): Promise<string> {
  const workspace = await Workspace.create({ concurrency: "auto", target: "3.13", preview: true });
  workspace.update("/case/main.py", text);
  const found = workspace.allFindings().find((finding) => finding.rule === rule);
  expect(found, `${rule} in\n${text}`).toBeDefined();
  const [fix] = rewritesFor(found!, workspace.tree("/case/main.py")!, "3.13");
  expect(fix?.disabled).toBeUndefined();
  return applyEdits(text, fix!.edits);
}

const inherited = `
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

user = ContextVar("user")
depth = ContextVar("depth", default=0)


def load(row, factor):
    depth.set(depth.get() + 1)
    return user.get(), depth.get(), row * factor


def load_all(rows):
    user.set("ann")
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(load, iter(rows), [2] * 3000))


found = load_all(range(3000))
print(found == [("ann", 1, row * 2) for row in range(3000)])
`;

const shared = `
import contextvars
from concurrent.futures import ThreadPoolExecutor

total = contextvars.ContextVar("total", default=0)


def job(number):
    def add():
        for _ in range(100):
            total.set(total.get() + number)
        return total.get()

    return add


def run_all(jobs):
    context = contextvars.copy_context()
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(context.run, jobs))


print(run_all([job(n) for n in range(1000)]) == [n * 100 for n in range(1000)])
`;

describe.each(["3.13", "3.13t"] as const)("on %s", (build) => {
  const exe = python(build);
  const run = async (program: string) => (await execa(exe!, ["-c", program])).stdout;

  test.skipIf(exe === undefined)(
    "tasks see what their submitter has set, in order, each for itself",
    async () => {
      await expect(run(inherited)).rejects.toThrow(/LookupError/);
      expect(await run(await fixed("contextvar-in-executor", inherited))).toBe("True");
    },
  );

  test.skipIf(exe === undefined)("tasks no longer meet in one context", async () => {
    expect(await run(await fixed("context-run-twice", shared))).toBe("True");
  });
});

test("every thread gets a copy, the first one too", async () => {
  const text = [
    "import threading",
    "from contextvars import copy_context",
    "",
    "",
    "def both(first, second):",
    "    context = copy_context()",
    "    threading.Thread(target=context.run, args=(first,)).start()",
    "    threading.Thread(target=context.run, args=(second,)).start()",
    "",
  ].join("\n");
  expect(await fixed("context-run-twice", text)).toBe(text.replaceAll("context.run", "context.copy().run"));
});
