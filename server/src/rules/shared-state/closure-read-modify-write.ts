// A7: `nonlocal n; n += 1` in a function that threads run.
import { defineRule } from "../rule.ts";
import { readModifyWrite } from "../shapes/updates.ts";
export default defineRule(
  {
    name: "closure-read-modify-write",
    summary: "A variable captured by a thread is read and written back without a lock.",
    family: "shared state",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["augment"],
  },
  (view) => {
    return view.location.kind === "closure" ? readModifyWrite(view) : undefined;
  },
);
