import { copyFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { bench, marked, programs, scratch } from "./benchMachine.ts";

const kinds = (result: Awaited<ReturnType<typeof bench>>) => result.reasons.map(({ kind }) => kind);

describe("hostile programs", { timeout: 120_000 }, () => {
  it("shows the end of a failing program's output", async () => {
    await expect(bench("failing.py")).rejects.toThrow(
      /failing\.py failed with exit status 1 under 3\.13 .*[\s\S]*ValueError: no such account/,
    );
  });

  it("does not blame itself in the traceback", async () => {
    await expect(bench("failing.py")).rejects.not.toThrow(/threadproof_runner/);
  });

  it("says which interpreter lacks a module", async () => {
    const folder = await scratch();
    await writeFile(join(folder, "needs.py"), "import surely_not_installed\n");
    await expect(bench("", { file: join(folder, "needs.py") })).rejects.toThrow(
      /does not have surely_not_installed: install it/,
    );
  });

  it("says where it crashes and where it does not", async () => {
    const folder = await scratch();
    await writeFile(
      join(folder, "crash.py"),
      "import os, signal, sys\nif not sys._is_gil_enabled(): os.kill(os.getpid(), signal.SIGSEGV)\n",
    );
    await expect(bench("", { file: join(folder, "crash.py") })).rejects.toThrow(
      /crashed with SIGSEGV under 3\.13t .*It runs under 3\.13\./,
    );
  });

  it("stops a hanging program when its time is up", async () => {
    const mark = marked();
    await expect(bench("hanging.py", { budgetSeconds: 1, env: mark.env })).rejects.toThrow(
      /did not end within 1 s under 3\.13/,
    );
    expect(await mark.living()).toEqual([]);
  });

  it("ends forked children that ignore SIGTERM and have left the group", async () => {
    const mark = marked();
    await expect(bench("forking.py", { budgetSeconds: 1, env: mark.env })).rejects.toThrow(/did not end/);
    expect(await mark.living()).toEqual([]);
  });

  it("ends what a program leaves behind, and says so", async () => {
    const mark = marked();
    const result = await bench("leaving.py", { threads: [1], env: mark.env });
    expect(kinds(result)).toContain("left-processes");
    expect(await mark.living()).toEqual([]);
  });

  it("leaves no process and no file behind when cancelled", async () => {
    const mark = marked();
    const folder = await scratch();
    await copyFile(join(programs, "hanging.py"), join(folder, "hanging.py"));
    const controller = new AbortController();
    const running = bench("", {
      file: join(folder, "hanging.py"),
      env: mark.env,
      signal: controller.signal,
      onEvent: ({ event }) => event === "run" && setImmediate(() => controller.abort()),
    });
    await expect(running).rejects.toThrow("cancelled");
    expect(await mark.living()).toEqual([]);
  });

  /** One program after the other in a temporary folder of their own, so that what stays behind shows. */
  async function outcome(source: string, wishes: Parameters<typeof bench>[1] = {}) {
    const temporary = await scratch();
    const folder = await scratch();
    const file = join(folder, "hostile.py");
    await writeFile(file, source);
    const before = process.env.TMPDIR;
    process.env.TMPDIR = temporary;
    onTestFinished(() => {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    });
    const mark = marked();
    const ended = await bench("", { file, env: mark.env, ...wishes }).then(
      (result) => ({ result, message: "" }),
      (error: Error) => ({ result: undefined, message: `${error.name}: ${error.message}` }),
    );
    expect(await mark.living()).toEqual([]);
    expect(await readdir(temporary)).toEqual([]);
    expect(ended.message === "" || ended.message.startsWith("BenchFailure: ")).toBe(true);
    return ended;
  }

  const failing: [string, string, RegExp][] = [
    ["has a syntax error", "def broken(:\n", /exit status 1 under 3\.13 [\s\S]*SyntaxError/],
    ["ends with status 3", "import sys; sys.exit(3)\n", /failed with exit status 3/],
    [
      "crashes without the GIL only",
      "import ctypes, sys\nif not sys._is_gil_enabled(): ctypes.string_at(0)\n",
      /crashed with SIGSEGV under 3\.13t .*It runs under 3\.13\./,
    ],
    [
      "is removed while it runs",
      "import os; os.remove(__file__)\n",
      /was removed or renamed while it was being measured/,
    ],
    [
      "takes its whole folder away",
      "import os, shutil; shutil.rmtree(os.getcwd())\n",
      /was removed or renamed/,
    ],
  ];
  it.each(failing)("ends clearly with a program that %s", async (_, source, expected) => {
    expect((await outcome(source)).message).toMatch(expected);
  });

  it("ends a deadlock that only happens without the GIL, and says where the program works", async () => {
    const source = `import sys, threading
lock = threading.Lock()
lock.acquire()
if not sys._is_gil_enabled(): lock.acquire()
`;
    const { message } = await outcome(source, { budgetSeconds: 2 });
    expect(message).toMatch(/did not end within 2 s under 3\.13t .*It runs under 3\.13\./);
  });

  it("ends fifty children that never end themselves", async () => {
    const source = `import os, signal
for _ in range(50):
    if os.fork() == 0:
        while True: signal.pause()
`;
    const { result } = await outcome(source, { threads: [1] });
    expect(result?.reasons.find(({ kind }) => kind === "left-processes")?.message).toContain("50 processes");
  });

  it("reads a gigabyte of output without keeping it", async () => {
    const source = `import os, sys
if not sys._is_gil_enabled() and os.environ["THREADPROOF_THREADS"] == "2":
    block = b"x" * (1 << 20)
    for _ in range(1024): sys.stdout.buffer.write(block)
`;
    const before = process.memoryUsage().rss;
    const { result } = await outcome(source);
    expect(result?.reasons.find(({ kind }) => kind === "output")?.message).toContain("1024 MiB");
    expect(process.memoryUsage().rss - before).toBeLessThan(300 << 20);
  });

  it("measures a program that reads its input, moves to another core and writes no UTF-8", async () => {
    const source = `import os, sys
assert sys.stdin.read() == ""
sys.stdout.buffer.write(bytes(range(128, 256)))
os.sched_setaffinity(0, {max(os.sched_getaffinity(os.getppid()))})
`;
    const { result } = await outcome(source);
    expect(result?.lanes).toHaveLength(3);
  });
});
