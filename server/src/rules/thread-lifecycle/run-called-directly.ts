// I3: `thread.run()` is an ordinary call: it starts no thread, and the caller does the work itself.
import type { Call } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

const isThreadClass = (name: string) =>
  /^(threading|multiprocessing\.dummy)\.(Thread|Timer|Process)$/.test(name);

export default defineFileRule(
  {
    name: "run-called-directly",
    summary: "A thread's run() is called instead of start(), so that no thread starts.",
    family: "thread lifecycle",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsNamed("run")) {
      if (!isOfThread(view, call) || isAlsoStarted(view, call)) continue;
      const receiver = view.receiver(call)!;
      const text = receiver.root === "call" ? "Thread(…)" : view.textOf(receiver);
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: text,
        message: `\`${text}.run()\` starts no thread: the work is done here, by the calling thread, which goes on only afterwards, and no other core takes part. Call \`${text}.start()\`.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);

/** Whether `x.run()` is called on a thread object from outside, without arguments of its own. */
function isOfThread(view: FileView, call: Call): boolean {
  const receiver = view.receiver(call);
  if (receiver === undefined || call.args.length > 0) return false;
  const { root, owner, path } = receiver;
  if (root === "super" || ((root === "self" || root === "class") && path.length === 0)) return false;
  if (root === "call" && path.length === 0) {
    const made = view.program.resolver.path(view.file, view.file.place(owner));
    if (made?.kind === "external") return isThreadClass(made.name);
    return made?.kind === "class" && view.program.resolver.externalBases(made.ref).some(isThreadClass);
  }
  // `Base.run()` through the class itself is a base's method.
  if (view.program.resolver.path(view.file, receiver)?.kind === "class") return false;
  const held = view.program.resolver.holding(view.file, receiver);
  if (held === undefined) return false;
  if (held.kinds.has("unknown") || held.classes.length > 1) return false;
  if (held.kinds.has("thread")) return true;
  return held.classes.some((cls) => view.program.resolver.externalBases(cls).some(isThreadClass));
}

/** Whether the same function starts the same thread elsewhere: the caller chooses between both on purpose. */
function isAlsoStarted(view: FileView, call: Call): boolean {
  const receiver = view.textOf(view.receiver(call)!);
  return view.callsNamed("start").some((other) => {
    const started = view.receiver(other);
    return other.fn === call.fn && started !== undefined && view.textOf(started) === receiver;
  });
}
