// A3: `Job.count += 1`: the class is shared by all its instances and threads.
import { defineRule } from "../rule.ts";
import { readModifyWrite } from "../shapes/updates.ts";
export default defineRule(
  {
    name: "class-read-modify-write",
    summary: "A class attribute is read and written back without a lock.",
    family: "shared state",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["augment"],
  },
  (view) => {
    return view.location.kind === "class" && !view.isThroughInstance ? readModifyWrite(view) : undefined;
  },
);
