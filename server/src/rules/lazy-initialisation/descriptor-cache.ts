// C11: a descriptor like `cached_property` that stores what it has computed in the object's `__dict__`, without a lock.
import type { Access } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "descriptor-cache",
    summary: "A descriptor computes a value on first access and stores it in the object without a lock.",
    family: "lazy initialisation",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const access of view.accessesNamed("__dict__")) {
      const { name, owner, qualifiedName } = view.file.facts.functions[access.fn]!;
      if (access.op !== "item-store" || name !== "__get__" || owner < 0) continue;
      if (!isOfInstance(view, access) || !/^(call|place|other)$/.test(access.detail)) continue;
      if (view.program.locksets.held(view.file, access.fn, access.context).size > 0) continue;
      yield {
        start: access.start,
        end: access.end,
        fn: access.fn,
        symbol: qualifiedName,
        message: `Two threads that read the attribute for the first time both compute it, and each stores its own object over the other's; functools.cached_property behaves so since Python 3.12 and says it. Where the object has an identity (a connection, a cache, a counter), look again and compute under a lock.`,
        evidence: "exposed",
        related: [],
      };
    }
  },
);

/** The object is `__get__`'s second parameter: `obj.__dict__[name] = value`. */
function isOfInstance({ file }: FileView, { place, fn }: Access): boolean {
  const { root, name, path } = file.place(place);
  return root === "local" && path.length === 1 && file.facts.functions[fn]!.parameters[1] === name;
}
