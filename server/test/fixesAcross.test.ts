// Data of one file that others use: its lock lives beside it, and the others name it as they name the data.
import { describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import { applyEdits, type TextFix } from "../src/fixes/fix.ts";
import { fixesFor } from "../src/fixes/fixesFor.ts";

const folder = "/project";

/** Fixes of the first finding in a file, and what applying one makes of all files. */
async function fixing(files: Readonly<Record<string, string>>, at: string) {
  const workspace = await Workspace.create({ concurrency: "library", target: "3.13" });
  for (const [name, text] of Object.entries(files)) workspace.update(`${folder}/${name}`, text);
  const finding = workspace.findings(`${folder}/${at}`).find(({ guard }) => guard !== undefined)!;
  const fixes = fixesFor(finding, { tree: (path) => workspace.tree(path) }).filter(({ title }) =>
    title.startsWith("Guard"),
  );
  const apply = (fix: TextFix) => {
    const result: Record<string, string> = {};
    for (const [name, text] of Object.entries(files)) {
      const edits = fix.edits.filter(({ path }) => path === `${folder}/${name}`);
      result[name] = applyEdits(text, edits);
    }
    for (const [name, text] of Object.entries(result)) workspace.update(`${folder}/${name}`, text);
    return result;
  };
  return {
    fixes,
    apply,
    findings: () => workspace.allFindings().map(({ rule, symbol }) => `${rule} ${symbol}`),
  };
}

const state = `"""Figures."""

hits = 0


def reset():
    global hits
    hits = 0
`;

describe("a global of another module", () => {
  test("is guarded through the module's name, wherever it is used", async () => {
    const { fixes, apply, findings } = await fixing(
      {
        "state.py": state,
        "web.py": "import state\n\n\ndef serve():\n    state.hits += 1\n",
        "cli.py": "import state as st\n\n\ndef main():\n    st.hits += 2\n    print(st.hits)\n",
      },
      "web.py",
    );
    expect(fixes.map(({ title }) => title)).toEqual([
      "Guard every access to `hits` with a new lock `state._hits_lock` (threads take turns in 3 places in 3 files)",
      "Guard just this access with a new lock `state._hits_lock` (threads take turns here; 2 other places stay without it)",
    ]);
    expect(apply(fixes[0]!)).toMatchInlineSnapshot(`
      {
        "cli.py": "import state as st


      def main():
          with st._hits_lock:
              st.hits += 2
          print(st.hits)
      ",
        "state.py": """"Figures."""

      import threading

      hits = 0
      _hits_lock = threading.Lock()


      def reset():
          global hits
          with _hits_lock:
              hits = 0
      ",
        "web.py": "import state


      def serve():
          with state._hits_lock:
              state.hits += 1
      ",
      }
    `);
    expect(findings()).toEqual([]);
  });

  test("is imported by name, and so is its lock", async () => {
    const { fixes, apply, findings } = await fixing(
      {
        "jobs.py": "JOBS = {}\n\n\ndef put(key, job):\n    if key not in JOBS:\n        JOBS[key] = job\n",
        "worker.py":
          "from jobs import (\n    JOBS,\n    put,\n)\n\n\ndef run(key):\n    if key in JOBS:\n        del JOBS[key]\n",
        "other.py": "from jobs import JOBS as todo\n\n\ndef drop(key):\n    todo.pop(key, None)\n",
      },
      "worker.py",
    );
    expect(apply(fixes.find(({ title }) => title.startsWith("Guard every"))!)).toMatchInlineSnapshot(`
      {
        "jobs.py": "import threading

      JOBS = {}
      _jobs_lock = threading.Lock()


      def put(key, job):
          with _jobs_lock:
              if key not in JOBS:
                  JOBS[key] = job
      ",
        "other.py": "from jobs import JOBS as todo, _jobs_lock


      def drop(key):
          with _jobs_lock:
              todo.pop(key, None)
      ",
        "worker.py": "from jobs import (
          JOBS,
          _jobs_lock,
          put,
      )


      def run(key):
          with _jobs_lock:
              if key in JOBS:
                  del JOBS[key]
      ",
      }
    `);
    expect(findings()).toEqual([]);
  });

  test("takes the lock that the module has for it", async () => {
    const { fixes, apply, findings } = await fixing(
      {
        "jobs.py":
          "import threading\n\n_lock = threading.Lock()\ncount = 0\n\n\ndef add():\n    global count\n    with _lock:\n        count += 1\n\n\ndef sub():\n    global count\n    with _lock:\n        count -= 1\n",
        "worker.py": "import jobs\n\n\ndef run():\n    jobs.count += 1\n",
      },
      "worker.py",
    );
    expect(fixes.map(({ title }) => title)).toEqual(["Guard with `jobs._lock` (threads take turns here)"]);
    expect(apply(fixes[0]!)["worker.py"]).toBe(
      "import jobs\n\n\ndef run():\n    with jobs._lock:\n        jobs.count += 1\n",
    );
    expect(findings()).toEqual([]);
  });

  test("is left alone where its lock cannot come along", async () => {
    const { fixes } = await fixing(
      {
        "jobs.py": "JOBS = {}\n",
        "worker.py": "from jobs import *\n\n\ndef run(key):\n    if key in JOBS:\n        del JOBS[key]\n",
      },
      "worker.py",
    );
    expect(fixes.map(({ disabled }) => disabled)).toEqual([
      "The data comes here in a way by which its lock cannot come along.",
    ]);
  });
});

describe("an attribute of another file's class", () => {
  const files = {
    "model.py": "class Job:\n    def __init__(self):\n        self.done = 0\n",
    "use.py":
      "from model import Job\n\n\ndef step(job: Job):\n    job.done += 1\n\n\ndef back(job: Job):\n    job.done -= 1\n",
  };

  test("has its lock made there", async () => {
    const { fixes, apply, findings } = await fixing(files, "use.py");
    expect(apply(fixes[0]!)).toMatchInlineSnapshot(`
      {
        "model.py": "import threading


      class Job:
          def __init__(self):
              self.done = 0
              self._done_lock = threading.Lock()
      ",
        "use.py": "from model import Job


      def step(job: Job):
          with job._done_lock:
              job.done += 1


      def back(job: Job):
          with job._done_lock:
              job.done -= 1
      ",
      }
    `);
    expect(findings()).toEqual([]);
  });

  test("has none where a class below skips the constructor", async () => {
    const below =
      "from model import Job\n\n\nclass Late(Job):\n    def __init__(self):\n        self.done = 1\n";
    const { fixes } = await fixing({ ...files, "late.py": below }, "use.py");
    expect(fixes.every(({ disabled }) => disabled?.includes("`Late.__init__`"))).toBe(true);
  });
});

describe("the order of locks", () => {
  const text = (body: string) => `import threading

_io_lock = threading.Lock()
ROWS = {}


def flush():
    with _io_lock:
        print("out")


def add(key):
${body}

def report():
    with _io_lock:
        if "x" in ROWS:
            del ROWS["x"]
        ROWS.clear()
`;

  test("refuses a lock that another thread would take the other way round", async () => {
    const body = "    if key in ROWS:\n        flush()\n        del ROWS[key]\n";
    const { fixes } = await fixing({ "a.py": text(body) }, "a.py");
    expect(fixes.map(({ disabled }) => disabled)).not.toContain(undefined);
  });

  test("allows it where nothing is taken under it", async () => {
    const body = "    if key in ROWS:\n        del ROWS[key]\n";
    const { fixes } = await fixing({ "a.py": text(body) }, "a.py");
    expect(fixes[0]!.disabled).toBeUndefined();
  });

  test("makes an RLock where the code calls what it was handed", async () => {
    const memo =
      "CACHE = {}\n\n\ndef get(key, make):\n    if key not in CACHE:\n        CACHE[key] = make(key)\n    return CACHE[key]\n";
    const { fixes, apply } = await fixing({ "a.py": memo }, "a.py");
    expect(fixes.some(({ title }) => title.includes("also while `make()` runs"))).toBe(true);
    expect(apply(fixes.find(({ title }) => title.includes("make()"))!)["a.py"]).toContain(
      "threading.RLock()",
    );
  });
});
