// Declared guards and known-safe names: across files and edits, with the fixes that go with them.
import { describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import type { Finding } from "../src/findings/finding.ts";
import type { AnalysisOptions } from "../src/findings/options.ts";
import { declareGuard } from "../src/fixes/declareGuard.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { fixesFor } from "../src/fixes/fixesFor.ts";

const base: AnalysisOptions = { concurrency: "auto", target: "3.13" };

async function workspaceOf(files: Record<string, string>, options = base): Promise<Workspace> {
  const workspace = await Workspace.create(options);
  for (const [name, text] of Object.entries(files)) workspace.update(`/case/${name}`, text);
  return workspace;
}

const told = (findings: readonly Finding[]) => findings.map((it) => `${it.range.startLine + 1} ${it.rule}`);

const counter = (declaration: string) => `import threading


class Counter:
    def __init__(self):
        self._lock = threading.Lock()
        self._n = 0${declaration}

    def add(self):
        with self._lock:
            self._n += 1

    def take(self):
        with self._lock:
            self._n -= 1

    def reset(self):
        self._n = 0

    def double(self):
        self._n *= 2
`;

test("a declared guard says more than an inferred one, and says it once", async () => {
  const inferred = await workspaceOf({ "a.py": counter("") });
  expect(told(inferred.findings("/case/a.py"))).toEqual([
    "18 inconsistent-guard",
    "21 instance-read-modify-write",
  ]);
  const declared = await workspaceOf({ "a.py": counter("  # guarded-by: _lock") });
  expect(told(declared.findings("/case/a.py"))).toEqual(["18 guarded-by-violated", "21 guarded-by-violated"]);
});

test("a mere look is called by its name", async () => {
  const text = `${counter("  # guarded-by: _lock")}\n    def peek(self):\n        return self._n\n`;
  const messages = (await workspaceOf({ "a.py": text })).findings("/case/a.py").map((it) => it.message);
  expect(
    messages.filter((it) => it.includes("`Counter.peek` uses it without holding that lock")),
  ).toHaveLength(1);
  expect(messages.filter((it) => it.includes("`Counter.reset` changes it"))).toHaveLength(1);
});

test("without the rule, what can be inferred is told again", async () => {
  const options = { ...base, ignore: ["guarded-by-violated"] };
  const workspace = await workspaceOf({ "a.py": counter("  # guarded-by: _lock") }, options);
  expect(told(workspace.findings("/case/a.py"))).toEqual([
    "18 inconsistent-guard",
    "21 instance-read-modify-write",
  ]);
});

test("an edited declaration counts at once in the files that use the data", async () => {
  const owner = (comment: string) => `import threading\n\nlock = threading.Lock()\ntable = {}${comment}\n`;
  const user = "import owner\n\n\ndef size():\n    return len(owner.table)\n";
  const workspace = await workspaceOf({ "owner.py": owner(""), "user.py": user });
  expect(told(workspace.findings("/case/user.py"))).toEqual([]);
  workspace.update("/case/owner.py", owner("  # guarded-by: lock"));
  expect(told(workspace.findings("/case/user.py"))).toEqual(["5 guarded-by-violated"]);
  workspace.update("/case/owner.py", owner("  # guarded-by: lokc"));
  expect(told(workspace.findings("/case/user.py"))).toEqual([]);
  expect(workspace.findings("/case/owner.py")[0]!.message).toContain("Did you mean `lock`?");
});

test("half-typed code makes no declaration look wrong", async () => {
  const text = counter("  # guarded-by: _lock");
  const workspace = await workspaceOf({ "a.py": text });
  for (const half of ["self._n =  #", "self._n = (0  #", "self.  #"]) {
    workspace.update("/case/a.py", text.replace("self._n = 0  #", half));
    expect(told(workspace.findings("/case/a.py")).filter((it) => it.includes("unknown-guard"))).toEqual([]);
  }
});

test("a violation is repaired by taking the declared lock", async () => {
  const text = counter("  # guarded-by: self._lock");
  const workspace = await workspaceOf({ "a.py": text });
  const [reset] = workspace.findings("/case/a.py");
  const [fix] = fixesFor(reset!, workspace);
  expect(fix!.disabled).toBeUndefined();
  const after = applyEdits(text, fix!.edits);
  expect(after).toContain("    def reset(self):\n        with self._lock:\n            self._n = 0\n");
  workspace.update("/case/a.py", after);
  expect(told(workspace.findings("/case/a.py"))).toEqual(["22 guarded-by-violated"]);
});

describe("declaring the guard that is inferred", () => {
  async function declared(files: Record<string, string>, name: string): Promise<string | undefined> {
    const workspace = await workspaceOf(files);
    const finding = workspace.findings(`/case/${name}`).find((it) => it.guard?.existingLock !== undefined);
    const fix = declareGuard(finding!, workspace);
    const [edit] = fix?.edits ?? [];
    return edit && applyEdits(workspace.text(edit.path)!, fix!.edits);
  }

  test("in the constructor", async () => {
    expect(await declared({ "a.py": counter("") }, "a.py")).toBe(counter("  # guarded-by: _lock"));
  });

  test("behind another comment", async () => {
    const text = counter("  # how many  ");
    expect(await declared({ "a.py": text }, "a.py")).toBe(counter("  # how many  # guarded-by: _lock"));
  });

  test("at a global of another file", async () => {
    const owner =
      "import threading\n\nlock = threading.Lock()\ntable = {\n}\n\n\ndef put(k):\n    with lock:\n        table[k] = 1\n\n\ndef drop(k):\n    with lock:\n        del table[k]\n\n\ndef clear():\n    table.clear()\n";
    expect(await declared({ "owner.py": owner }, "owner.py")).toBe(
      owner.replace("{\n}", "{\n}  # guarded-by: lock"),
    );
  });

  test("not twice", async () => {
    const workspace = await workspaceOf({ "a.py": counter("  # guarded-by: _lock") });
    expect(declareGuard(workspace.findings("/case/a.py")[0]!, workspace)).toBeUndefined();
  });
});

describe("known-safe names", () => {
  const program = `import threading
from counters import Sharded, bump, other

hits = Sharded()


def work():
    hits["a"] += 1


class Own(Sharded):
    def __init__(self):
        self.n = 0

    def add(self):
        self.n += 1


own = Own()
total = 0


def also():
    global total
    total += 1
    own.add()


for _ in range(2):
    threading.Thread(target=work).start()
    threading.Thread(target=also).start()
`;
  const found = async (...knownSafe: string[]) => {
    const workspace = await workspaceOf({ "pkg/app.py": program }, { ...base, knownSafe });
    return workspace.findings("/case/pkg/app.py").map((it) => it.range.startLine + 1);
  };

  test.each([
    [[], [8, 16, 25]],
    [["counters.Sharded"], [25]],
    [["counters"], [25]],
    [["pkg.app.Own"], [8, 25]],
    [["app.Own"], [8, 25]],
    [["app.Own.add"], [8, 25]],
    [["app.also"], [8, 16]],
    [
      ["other.Own", "wn", "pkg", "case.pkg.app"],
      [8, 16, 25],
    ],
  ])("%j leave %j", async (names, lines) => {
    expect(await found(...names)).toEqual(lines);
  });

  test("to bind the variable anew is still a race", async () => {
    const text = program.replace(
      '    hits["a"] += 1',
      "    global hits\n    if hits is None:\n        hits = Sharded()",
    );
    const workspace = await workspaceOf({ "app.py": text }, { ...base, knownSafe: ["counters.Sharded"] });
    expect(told(workspace.findings("/case/app.py"))).toContain("10 lazy-global-init");
  });
});
