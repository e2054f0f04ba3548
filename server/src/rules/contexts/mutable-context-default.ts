// K6: `ContextVar("x", default=[])`: the one list is every thread's default.
import type { Argument } from "../../facts/facts.ts";
import { kindOfConstructor } from "../../program/types.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "mutable-context-default",
    summary: "A context variable has a mutable default, which all threads share.",
    family: "contexts",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsTo("contextvars.ContextVar")) {
      const argument = call.args.find((a) => a.keyword === "default");
      const mutable = argument === undefined ? "" : mutableObject(view, argument);
      if (mutable === "") continue;
      const symbol = call.result < 0 ? "ContextVar" : view.file.place(call.result).name;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol,
        message: `The default of \`${symbol}\` is one ${mutable} for all contexts: every thread that has not set the variable changes the same object. Use an immutable default such as () or None.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);

const mutableKinds = /^(list|dict|set|deque|defaultdict|Counter|OrderedDict|bytearray)$/;

/** The kind of mutable object that an argument makes, by a display or by a constructor; empty for any other. */
function mutableObject(view: FileView, { display, call }: Argument): string {
  if (display !== "") return display;
  const made = view.file.facts.calls[call];
  if (made === undefined || made.callee < 0) return "";
  const entity = view.entity(made);
  const { root, name, path } = view.file.place(made.callee);
  const isBuiltin = entity === undefined && root === "global" && path.length === 0;
  const kind = kindOfConstructor(entity?.kind === "external" ? entity.name : isBuiltin ? name : "");
  return mutableKinds.test(kind) ? kind : "";
}
