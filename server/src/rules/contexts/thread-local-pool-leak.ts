// K8: threads of a pool serve one request after the other, and their thread-locals stay from one to the next.
import type { Access } from "../../facts/facts.ts";
import { keyOf } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { traceOf } from "../threadReach.ts";

export default defineFileRule(
  {
    name: "thread-local-pool-leak",
    summary: "A task leaves its data in a thread-local of a pool's thread, where the next task finds them.",
    family: "contexts",
    severity: "information",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    const { file, program } = view;
    const reported = new Set<string>();
    for (const access of file.facts.accesses) {
      const place = file.place(access.place);
      // A value computed for the task; constants are resets, and what is made under a test is made once per thread.
      if (access.op !== "rebind" || place.path.length === 0 || !/^(place|other|call|)$/.test(access.detail))
        continue;
      const storage = { ...place, path: place.path.slice(0, -1) };
      if (!program.resolver.holding(file, storage)?.kinds.has("thread-local")) continue;
      const text = view.textOf(place);
      if (reported.has(text) || isUnderTest(view, access) || isReset(view, access)) continue;
      const route = program.concurrency
        .routes(keyOf(file, access.fn))
        .find(({ entry }) => /^(a pool|an executor|a request) thread/.test(entry.label));
      const isRead = file.facts.accesses.some(
        (a) => a.place === access.place && a.op !== "rebind" && a.fn !== access.fn,
      );
      if (route === undefined || !isRead) continue;
      reported.add(text);
      yield {
        start: access.start,
        end: access.end,
        fn: access.fn,
        symbol: text,
        message: `\`${text}\` stays in this thread when the task is done, and nobody resets it: the thread serves the next task with the data of this one, if that does not set its own. Reset it in a \`finally\`, or use a contextvars.ContextVar with set and reset.`,
        evidence: "proven",
        related: traceOf(route),
      };
    }
  },
);

function isUnderTest(view: FileView, { context }: Access): boolean {
  const { contexts } = view.file.facts;
  for (let at = context; at !== 0; at = contexts[at]!.parent) {
    if (contexts[at]!.kind === "test" || contexts[at]!.kind === "handler") return true;
  }
  return false;
}

/** Whether the file deletes the attribute somewhere, stores a constant in it, or clears all of them. */
function isReset(view: FileView, { place, start }: Access): boolean {
  const { file } = view;
  const { root, name, path } = file.place(place);
  return file.facts.accesses.some((other) => {
    if (other.start === start) return false;
    const at = file.place(other.place);
    if (at.root !== root || at.name !== name) return false;
    const isSame = at.path.join(".") === path.join(".");
    if (isSame && (other.op === "delete" || other.op === "rebind")) return true;
    return (
      at.path.includes("__dict__") ||
      (other.op === "method" && /^(clear|reset|cleanup|release)/.test(other.detail))
    );
  });
}
