// The graph of lock orders follows edits of any file, and says the same whatever order the files came in.
import { expect, it } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";

const main = `import threading
import registry

lock = threading.Lock()
jobs = []


def run():
    with lock:
        registry.register("run", jobs)


def notify(name):
    with lock:
        jobs.append(name)
`;

const registry = (announce: string) => `import threading
import main

_lock = threading.Lock()
_names = {}


def register(name, value):
    with _lock:
        _names[name] = value


def announce():
${announce}
`;

const inverted = registry("    with _lock:\n        main.notify('x')");
const ordered = registry("    with _lock:\n        names = list(_names)\n    main.notify(names[0])");

async function workspaceOf(files: readonly (readonly [string, string])[]): Promise<Workspace> {
  const workspace = await Workspace.create({
    concurrency: "auto",
    target: "3.13",
    select: ["lock-order-inversion"],
  });
  for (const [path, text] of files) workspace.update(path, text);
  return workspace;
}

it("finds and forgets an inversion as the other file is edited", async () => {
  const workspace = await workspaceOf([
    ["/p/main.py", main],
    ["/p/registry.py", ordered],
  ]);
  expect(workspace.allFindings()).toEqual([]);
  workspace.update("/p/registry.py", inverted);
  expect(workspace.allFindings().map((f) => f.path)).toEqual(["/p/registry.py"]);
  workspace.update("/p/registry.py", ordered);
  expect(workspace.allFindings()).toEqual([]);
});

it("does not depend on the order in which files come", async () => {
  const files = [
    ["/p/main.py", main],
    ["/p/registry.py", inverted],
  ] as const;
  const [one, other] = [await workspaceOf(files), await workspaceOf([...files].reverse())];
  expect(one.allFindings()).toHaveLength(1);
  expect(other.allFindings()).toEqual(one.allFindings());
});

it("tells both ways: the lock held, the calls, the lock wanted", async () => {
  const workspace = await workspaceOf([
    ["/p/main.py", main],
    ["/p/registry.py", inverted],
  ]);
  const [finding] = workspace.allFindings();
  expect(
    finding!.related.map(({ path, range, message }) => `${path}:${range.startLine + 1} ${message}`),
  ).toEqual([
    "/p/registry.py:14 `announce` takes `_lock` first",
    "/p/registry.py:15 `announce` makes this call while it is held",
    "/p/main.py:14 then `lock`",
    "/p/main.py:9 `run` takes `lock` first",
    "/p/main.py:10 `run` makes this call while it is held",
    "/p/registry.py:9 then `_lock`",
  ]);
});
