// A1: `hits += 1` on a module global, or on an attribute of a function or module object.
import { defineRule } from "../rule.ts";
import { readModifyWrite } from "../shapes/updates.ts";
export default defineRule(
  {
    name: "global-read-modify-write",
    summary: "A module global is read and written back without a lock.",
    family: "shared state",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["augment"],
  },
  (view) => {
    // `Cursor.execute = wrap(Cursor.execute)` patches somebody else's module, once.
    if (view.location.key.startsWith("x")) return undefined;
    return view.location.kind === "global" || view.location.kind === "function"
      ? readModifyWrite(view)
      : undefined;
  },
);
