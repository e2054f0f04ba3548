// `setdefault` in place of a store is offered where the key is known to be missing, and nowhere else.
import path from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import { applyEdits, type TextFix } from "../src/fixes/fix.ts";
import { rewritesFor } from "../src/fixes/rewrite/rewritesFor.ts";
import { python } from "./fixesHarness.ts";
import { readCases } from "./ruleCases.ts";

const file = "/case/main.py";
const cases = readCases(path.resolve(import.meta.dirname, "../../fixtures/rewrites/get-or-compute.py"));

async function offered(text: string): Promise<TextFix[]> {
  const workspace = await Workspace.create({ concurrency: "library", target: "3.13", preview: true });
  workspace.update(file, text);
  const finding = workspace.allFindings().find(({ rule }) => rule === "get-or-compute");
  expect(finding, text).toBeDefined();
  return rewritesFor(finding!, workspace.tree(file)!, "3.13");
}

test.each(cases.map((one) => [one.title, one.files.get(file)!]))("%s", async (title, text) => {
  const fixes = await offered(text);
  if (title.startsWith("not found")) return expect(fixes).toEqual([]);
  expect(fixes).toHaveLength(1);
  const [fix] = fixes;
  if (title.startsWith("refused")) {
    const word = title.includes("added") ? "added" : /error|told/.test(title) ? "told" : "None";
    const reason = expect.stringContaining(word);
    return expect(fix).toMatchObject({ edits: [], disabled: reason });
  }
  expect(fix).toMatchObject({
    isPreferred: false,
    title: expect.stringMatching(/^Keep the value stored first/),
  });
  expect(fix).not.toHaveProperty("isSafe");
  expect(fix!.title.includes("a None that is stored would be kept")).toBe(
    title.includes("None would be kept"),
  );
});

describe("programs", () => {
  const program = `
import sys
import threading

threads = int(sys.argv[1])
cache = {}


class Entry:
    def __init__(self, key):
        self.parts = [key] * 100


def find(key):
    entry = cache.get(key)
    if entry is None:
        entry = cache[key] = Entry(key)
    return entry


def work(start, found):
    for key in range(300):
        start.wait()
        found.append(find(key))


start = threading.Barrier(threads)
results = [[] for _ in range(threads)]
workers = [threading.Thread(target=work, args=(start, found)) for found in results]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
same = sum(all(one is row[0] for one in row) for row in zip(*results))
print(same == len(cache) == 300)
`;
  const exe = python("3.13t");
  const run = async (text: string, threads: number) =>
    (await execa(exe!, ["-X", "gil=0", "-", String(threads)], { input: text })).stdout;

  test.skipIf(exe === undefined)("all use the value stored first", async () => {
    let failures = 0;
    for (let trial = 0; trial < 30 && failures === 0; trial += 1)
      failures += (await run(program, 4)) === "True" ? 0 : 1;
    expect(failures).toBe(1);
    const [fix] = await offered(program);
    const fixed = applyEdits(program, fix!.edits);
    expect(fixed).toContain("entry = cache.setdefault(key, Entry(key))");
    for (let trial = 0; trial < 10; trial += 1) expect(await run(fixed, 4)).toBe("True");
    expect(await run(fixed, 1)).toBe(await run(program, 1));
  });
});
