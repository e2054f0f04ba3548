// E14: logging is configured for the process; a thread that does it reconfigures all others, or adds handlers twice.
import type { Call } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { threadsAt } from "../shapes/processState.ts";

export default defineFileRule(
  {
    name: "late-logging-setup",
    summary: "Logging is configured in a thread, or a handler is added when none is found.",
    family: "process-wide state",
    severity: "information",
    status: "stable",
    lockRepairs: true,
  },
  function* (view) {
    const configuring = view.callsTo(
      "logging.basicConfig",
      "logging.config.dictConfig",
      "logging.config.fileConfig",
    );
    for (const call of [
      ...configuring,
      ...view.callsNamed("addHandler").filter((call) => writes(view, call)),
    ]) {
      const reach = threadsAt(view, call);
      if (reach === undefined) continue;
      const isAdding = !configuring.includes(call);
      const isAfterLooking = isAdding && isTested(view, call);
      // Without a thread in sight only the test betrays that the function is called more than once.
      if (reach.evidence !== "proven" && !isAfterLooking) continue;
      if (isAdding && !isAfterLooking && (!reach.parallel || isOwnLogger(view, call))) continue;
      const fault = isAfterLooking
        ? "Two threads that both find no handler both add one, and from then on every record is written twice."
        : isAdding
          ? "Each run adds one more handler, so that every record is written as often."
          : "Logging belongs to the whole process: what other threads have logged until now went elsewhere, and handlers that they are using are closed or replaced.";
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: view.textOf(view.file.place(call.callee)),
        message: `${reach.because} ${fault} Configure logging once, before the threads start.`,
        evidence: reach.evidence,
        related: reach.trace,
      };
    }
  },
);

/** A NullHandler may be there twice without anybody noticing. */
function writes(view: FileView, { args }: Call): boolean {
  const made = view.file.facts.calls[args[0]?.call ?? -1];
  return (
    made === undefined ||
    made.callee < 0 ||
    !view.textOf(view.file.place(made.callee)).endsWith("NullHandler")
  );
}

/** `if not logger.handlers:`, `if not logger.hasHandlers():` */
function isTested(view: FileView, { context }: Call): boolean {
  const { contexts } = view.file.facts;
  for (let at = context; at !== 0; at = contexts[at]!.parent) {
    const { kind, detail } = contexts[at]!;
    if (kind === "test" && /\.handlers\b|hasHandlers\(/.test(detail)) return true;
  }
  return false;
}

/** A logger whose name is computed may be the thread's own: `logging.getLogger(job.id)`. */
function isOwnLogger(view: FileView, call: Call): boolean {
  const receiver = view.receiver(call);
  if (receiver === undefined || receiver.path.length > 0) return true;
  if (receiver.root === "global") return false;
  if (receiver.root !== "local") return true;
  const made = view.file.facts.calls.find(
    ({ result, fn }) =>
      fn === call.fn && result >= 0 && view.textOf(view.file.place(result)) === receiver.name,
  );
  return made === undefined || (made.args.length > 0 && !/^["']|^__name__/.test(made.args[0]!.literal));
}
