// G5: a plain Lock is taken again by the thread that already holds it, through a call or an operator.
import type { Ref } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule, type Issue } from "../rule.ts";

export default defineFileRule(
  {
    name: "lock-reacquired",
    summary: "A function that holds a plain Lock calls one that takes the same Lock, and waits for itself.",
    family: "locks",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.file.facts.calls) {
      if (!view.isUnderLock(call.context)) continue;
      const callee = view.callee(call);
      // Only `self.method()`, `cls.method()` and module functions surely mean the same lock object.
      const root = call.callee < 0 ? "other" : view.file.place(call.callee).root;
      if (callee !== undefined && (root === "self" || root === "class" || root === "global"))
        yield* reacquired(view, callee, call, root === "class");
    }
    for (const access of view.file.facts.accesses) {
      if (!view.isUnderLock(access.context)) continue;
      const method = view.operatorMethod(access);
      if (method !== undefined) yield* reacquired(view, method, access);
    }
  },
);

function* reacquired(
  view: FileView,
  callee: Ref,
  at: { context: number; fn: number; start: number; end: number },
  ofClass = false,
): Iterable<Issue> {
  for (const lock of view.locksAround(at.context)) {
    if (ofClass && lock.text.startsWith("self.")) continue; // the class does not know the instance's lock
    if (!lock.kinds.has("lock") || lock.kinds.has("rlock") || lock.kinds.has("condition")) continue;
    const taken = view.takes(callee, lock.key);
    if (taken === undefined) continue;
    yield {
      start: at.start,
      end: at.end,
      fn: at.fn,
      symbol: lock.text,
      message: `\`${lock.text}\` is held here, and \`${view.nameOf(callee)}\` takes it again; a plain Lock does not let its own holder in, so this thread waits for itself for ever. Use an RLock, or a helper that expects the lock to be held.`,
      evidence: "likely",
      related: [
        {
          path: view.file.path,
          range: view.file.range(lock.start, lock.start),
          message: `\`${lock.text}\` is taken here first`,
        },
        {
          path: taken.file.path,
          range: taken.file.range(taken.start, taken.start),
          message: "and here again",
        },
      ],
    };
    return;
  }
}
