// I4: `pool.submit(job)` with nobody who asks for the result: an exception of the job is never seen.
import type { Call } from "../../facts/facts.ts";
import type { Ref } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "dropped-future-exception",
    summary: "Nobody looks at the future of a submitted task, so its exceptions are lost.",
    family: "thread lifecycle",
    severity: "information",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsNamed("submit")) {
      const receiver = call.discarded ? view.receiver(call) : undefined;
      if (receiver === undefined || !isThreadPool(view, call)) continue;
      const job = taskOf(view, call);
      if (job !== undefined && catchesAll(job)) continue;
      const text = view.textOf(receiver);
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: receiver.root === "call" ? "submit" : text,
        message: `An exception that the task raises in the pool's thread is kept in the future that \`submit\` returns here, and nobody looks at it: the work stops half-way and nothing is printed, unlike in a Thread. Keep the future and call result(), or add_done_callback with a function that reports.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);

/** Whether the receiver is known to be a pool of threads. */
function isThreadPool(view: FileView, call: Call): boolean {
  const receiver = view.receiver(call)!;
  if (receiver.root === "call" && receiver.path.length === 0) {
    return /(^|\.)ThreadPoolExecutor$/.test(view.externalName(receiver.owner) ?? "");
  }
  return view.program.resolver.holding(view.file, receiver)?.kinds.has("executor") ?? false;
}

function taskOf(view: FileView, { args }: Call): Ref | undefined {
  const first = args.find((a) => a.keyword === "");
  if (first === undefined || first.place < 0) return undefined;
  const entity = view.program.resolver.path(view.file, view.file.place(first.place));
  return entity?.kind === "function" || entity?.kind === "method" ? entity.ref : undefined;
}

/** Whether the task handles whatever its own calls raise. */
function catchesAll({ file, index }: Ref): boolean {
  return file.facts.contexts.some(
    ({ kind, fn, detail }) =>
      kind === "caught" && fn === index && (detail === "" || /\b(Base)?Exception\b/.test(detail)),
  );
}
