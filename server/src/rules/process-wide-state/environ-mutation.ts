// E1: `os.environ[…] = …` in a thread: every other thread, and every child process, sees it.
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { changeByAccess, changeByCall, episodes, issueOf, type StateChange } from "../shapes/processState.ts";

const state = "os.environ";

export default defineFileRule(
  {
    name: "environ-mutation",
    summary: "Environment variables are changed while other threads run.",
    family: "process-wide state",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const episode of episodes(view, changes(view))) {
      yield issueOf(
        view,
        episode,
        "Other threads and the processes they start meanwhile get these values, and C code that calls getenv may read freed memory.",
        "Pass the values on instead: subprocess.run(…, env={**os.environ, …}), or a parameter.",
      );
    }
  },
);

const ofAll = /^(update|clear)$/;
const ofOne = /^(pop|setdefault|__setitem__|__delitem__)$/;

function changes(view: FileView): StateChange[] {
  const found: StateChange[] = [];
  for (const access of view.accessesTo("os.environ", "os.environb")) {
    const { op, detail, view: argument } = access;
    if (op === "item-store" || op === "item-delete" || op === "item-augment")
      found.push(changeByAccess(access, state, argument));
    else if (op === "rebind" || op === "augment") found.push(changeByAccess(access, state));
    else if (op === "method" && ofAll.test(detail))
      found.push({ ...changeByAccess(access, state), undo: detail === "clear" || /^[\w.]+$/.test(argument) });
    else if (op === "method" && ofOne.test(detail))
      found.push({ ...changeByAccess(access, state, argument), undo: detail === "pop" });
  }
  for (const call of view.callsTo("os.putenv", "os.unsetenv", "os.reload_environ"))
    found.push(changeByCall(call, state, { part: call.args[0]?.literal ?? "" }));
  // `with mock.patch.dict(os.environ, …):` sets them for a while.
  for (const call of view.callsTo("unittest.mock.patch.dict", "mock.patch.dict")) {
    const [target] = call.args;
    const isEnvironment =
      (target?.place ?? -1) >= 0
        ? view.externalName(target!.place) === "os.environ"
        : /^["']os\.environ["']$/.test(target?.literal ?? "");
    if (isEnvironment) found.push(changeByCall(call, state, { managed: true }));
  }
  return found;
}
