// K2: a ContextVar made by each call is a new variable each time, and contexts keep all of them alive.
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

const constructors = /^(__init__|__new__|__post_init__|__set_name__|__init_subclass__)$/;

export default defineFileRule(
  {
    name: "contextvar-in-function",
    summary: "A function makes a new context variable in each call.",
    family: "contexts",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsTo("contextvars.ContextVar")) {
      if (call.fn === 0 || isMadeOnce(view, call.fn, call.result)) continue;
      const name = view.file.facts.functions[call.fn]!.qualifiedName;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: call.result < 0 ? "ContextVar" : view.textOf(view.file.place(call.result)),
        message: `Each call of \`${name}\` makes another context variable: what one call or thread sets, none of the others can read, whatever context they were started with, and every context that has a value keeps its variable alive. Make it once, at module level.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);

/** Import-time code, constructors, factories and decorators, tests, and variables that are kept for all calls. */
function isMadeOnce(view: FileView, fn: number, result: number): boolean {
  const { file, intent } = view;
  const { name, returns, decorators } = file.facts.functions[fn]!;
  if (constructors.test(name) || /^(test|setup|set_up|setUp)/.test(name)) return true;
  if (decorators.length > 0) return true; // a cached factory, a fixture, a property that keeps it
  const ref = { file, index: fn };
  if (intent.runsOnlyAtImport(ref) || intent.runsOnlyFromTopLevel(ref)) return true;
  if (intent.runsOnlyInConstructor(ref) || result < 0) return true;
  const { root, path } = file.place(result);
  // `global VAR` and `cls.var` are made lazily, which other rules judge; an item of a table is kept for all.
  if (root === "global" || root === "class" || path.includes("[]")) return true;
  const isInnerFunction = (place: number) =>
    file.place(place).root === "local" && file.nestedFunction(fn, file.place(place).name) !== undefined;
  return returns.some((place) => place === result || isInnerFunction(place));
}
