// Looking up at once is right where a missing key raises KeyError, and nowhere else.
import { describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { rewritesFor } from "../src/fixes/rewrite/rewritesFor.ts";

const rule = "check-then-act-mapping";

/** A cache that one function empties and another looks into. */
function cached(made: string, condition: string, use = "return cache[key]"): string {
  return [
    "import collections",
    "",
    `cache = ${made}`,
    "",
    "",
    "def forget(key):",
    "    cache.pop(key, None)",
    "",
    "",
    "def find(key, use=True):",
    `    if ${condition}:`,
    `        ${use}`,
    "    return make(key)",
    "",
  ].join("\n");
}

async function offered(text: string): Promise<{ title: string; isSafe: boolean; result: string }[]> {
  const workspace = await Workspace.create({ concurrency: "library", target: "3.13" });
  workspace.update("/case/main.py", text);
  const finding = workspace.allFindings().find((one) => one.rule === rule && one.function === "find");
  expect(finding, text).toBeDefined();
  return rewritesFor(finding!, workspace.tree("/case/main.py")!, "3.13").map((fix) => ({
    title: fix.title,
    isSafe: fix.isSafe === true,
    result: applyEdits(text, fix.edits),
  }));
}

describe("a look-up behind a test", () => {
  test("tries at once and keeps the other conditions", async () => {
    const [fix, ...more] = await offered(cached("Cache()", "use and key in cache"));
    expect(more).toEqual([]);
    expect(fix!.isSafe).toBe(false);
    expect(fix!.result).toContain(
      "    if use:\n        try:\n            return cache[key]\n        except KeyError:\n            pass\n    return make(key)\n",
    );
  });

  test("is safe for what is known to be a dict", async () => {
    const [fix] = await offered(cached("{}", "use and key in cache"));
    expect(fix!.isSafe).toBe(true);
  });

  test("needs no condition where there is no other", async () => {
    const [fix] = await offered(cached("Cache()", "key in cache"));
    expect(fix!.result).toContain(
      "    try:\n        return cache[key]\n    except KeyError:\n        pass\n    return make(key)\n",
    );
  });

  test.each([
    ["a look-up that makes entries", cached("collections.defaultdict(list)", "use and key in cache")],
    ["a test that is not the last", cached("Cache()", "key in cache and use")],
    ["a condition with effects", cached("Cache()", "note(key) and key in cache")],
    ["more than the look-up", cached("Cache()", "use and key in cache", "return cache[key].value")],
  ])("leaves %s alone", async (_, text) => {
    expect(await offered(text)).toEqual([]);
  });
});
