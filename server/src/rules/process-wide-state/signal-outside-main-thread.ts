// E6: only the main thread may set signal handlers; everywhere else it is a ValueError.
import type { CallSite } from "../../program/callGraph.ts";
import { keyOf } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { isOnMainThread } from "../shapes/processState.ts";
import { traceOf } from "../threadReach.ts";

export default defineFileRule(
  {
    name: "signal-outside-main-thread",
    summary: "A signal handler is set in a thread, where Python refuses it.",
    family: "process-wide state",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsTo("signal.signal", "signal.set_wakeup_fd")) {
      const here = { file: view.file, call };
      if (isGuarded(view, here)) continue;
      const route = view.program.concurrency
        .routes(keyOf(view.file, call.fn))
        .find(({ calls }) => !calls.some((site) => isGuarded(view, site)));
      if (route === undefined) continue;
      const name = view.externalName(call.callee)!;
      const { qualifiedName } = view.file.facts.functions[call.fn]!;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: name,
        message: `\`${qualifiedName}\` runs in ${route.entry.label}, where ${name} raises ValueError: only the main thread of the main interpreter may call it. Handlers run in the main thread anyway. Set it there before the threads start.`,
        evidence: "proven",
        related: traceOf(route),
      };
    }
  },
);

/** Whether the main thread was asked for, or the error is expected. */
function isGuarded(view: FileView, { file, call }: CallSite): boolean {
  if (isOnMainThread(file, call)) return true;
  const { contexts } = file.facts;
  for (let at = call.context; at !== 0; at = contexts[at]!.parent) {
    const { kind, detail } = contexts[at]!;
    if (kind === "caught" && /(^|,)(|ValueError|Exception|BaseException)(,|$)/.test(detail)) return true;
  }
  return view.argument(call, "signalnum", 0)?.literal === "None";
}
