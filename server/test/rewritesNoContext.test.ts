// An error raised in place of a test has no other behind it, so none is shown when it is raised in the handler.
import { expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { rewritesFor } from "../src/fixes/rewrite/rewritesFor.ts";

/** A set that one function adds to, and `body` that takes from it. */
async function rewritten(body: readonly string[]): Promise<string> {
  const lines = [
    "names = set()",
    "",
    "",
    "def add(name):",
    "    names.add(name)",
    "",
    "",
    "def drop(name, cause):",
  ];
  const text = [...lines, ...body.map((line) => `    ${line}`), ""].join("\n");
  const workspace = await Workspace.create({ concurrency: "library", target: "3.13" });
  workspace.update("/case/main.py", text);
  const finding = workspace.allFindings().find((one) => one.rule === "check-then-act-mapping");
  expect(finding, text).toBeDefined();
  const [fix] = rewritesFor(finding!, workspace.tree("/case/main.py")!, "3.13");
  return applyEdits(text, fix!.edits);
}

test("an error that is raised where the test failed comes from None", async () => {
  const text = await rewritten([
    "if name not in names:",
    "    raise KeyError(name)  # not ours",
    "names.remove(name)",
  ]);
  expect(text).toContain("    except KeyError:\n        raise KeyError(name) from None  # not ours\n");
});

test("a cause that is there stays", async () => {
  const text = await rewritten([
    "if name in names:",
    "    names.remove(name)",
    "else:",
    "    raise KeyError(name) from cause",
  ]);
  expect(text).toContain("    except KeyError:\n        raise KeyError(name) from cause\n");
});

test("an error raised in a handler of its own keeps what it is about", async () => {
  const text = await rewritten([
    "if name in names:",
    "    names.remove(name)",
    "else:",
    "    try:",
    "        name.upper()",
    "    except AttributeError:",
    "        raise TypeError(name)",
  ]);
  expect(text).toContain("        except AttributeError:\n            raise TypeError(name)\n");
});
