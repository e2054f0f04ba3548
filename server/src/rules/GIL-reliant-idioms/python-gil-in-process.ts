// L4: `os.environ["PYTHON_GIL"] = "0"`: the interpreter read its environment before the first line ran.
import { defineFileRule } from "../rule.ts";

const variable =
  /^["'](PYTHON_GIL|PYTHONMALLOC|PYTHON_THREAD_INHERIT_CONTEXT|PYTHON_CONTEXT_AWARE_WARNINGS)["']$/;

/** What a new process is started with, and the interpreter in it reads. */
const starters = [
  ...[
    "execv",
    "execve",
    "execl",
    "execle",
    "execvp",
    "execvpe",
    "execlp",
    "execlpe",
    "spawnv",
    "posix_spawn",
  ].map((name) => `os.${name}`),
  "os.system",
  ...["run", "Popen", "call", "check_call", "check_output"].map((name) => `subprocess.${name}`),
];

export default defineFileRule(
  {
    name: "python-gil-in-process",
    summary: "PYTHON_GIL is set in the environment of the interpreter that already runs.",
    family: "GIL-reliant idioms",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const stores = view
      .accessesTo("os.environ")
      .filter(({ op, view: key }) => op === "item-store" && variable.test(key))
      .map((access) => ({ ...access, name: access.view }));
    const calls = view
      .callsTo("os.putenv", "os.environ.setdefault")
      .filter(({ args }) => variable.test(args[0]?.literal ?? ""))
      .map((call) => ({ ...call, name: call.args[0]!.literal }));
    if (stores.length + calls.length === 0) return;
    const started = view.callsTo(...starters);
    for (const { start, end, fn, name } of [...stores, ...calls]) {
      if (started.some((call) => call.fn === fn && call.start > start)) continue;
      const symbol = name.slice(1, -1);
      yield {
        start,
        end,
        fn,
        symbol,
        message: `CPython reads ${symbol} once, when it starts. Setting it here changes nothing in this process: its threads run with the GIL, or without it, as before, and code that counts on the other loses updates or speed. Set it before Python starts, or use -X on the command line.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);
