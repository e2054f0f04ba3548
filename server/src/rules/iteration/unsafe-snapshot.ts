// D2: `tuple(d.items())`, `dict(d.items())`, `f(*d)`: atomic under the GIL only.

import { defineRule } from "../rule.ts";
import { changesSize, isHashed, isUnsafeSnapshot } from "../shapes/iteration.ts";
export default defineRule(
  {
    name: "unsafe-snapshot",
    summary: "A copy that looks like a snapshot fails when another thread resizes the container.",
    family: "iteration",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["iterate"],
  },
  (view) => {
    if (view.access.op !== "iterate" || !isHashed(view) || !isUnsafeSnapshot(view)) return undefined;
    if (view.catches("RuntimeError")) return undefined;
    return {
      conflicts: (other) => changesSize(view, other),
      withItself: false,
      steps: [`copies \`${view.symbol}\` element by element`, "goes on to the next element"],
      outcome: "the copy raises RuntimeError; list(d), list(d.items()) and d.copy() do not",
    };
  },
);
