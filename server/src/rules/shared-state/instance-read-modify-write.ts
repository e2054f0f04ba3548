// A4: `self.total += n` on an object that several threads use.
import { defineRule } from "../rule.ts";
import { readModifyWrite } from "../shapes/updates.ts";
export default defineRule(
  {
    name: "instance-read-modify-write",
    summary: "An attribute of a shared object is read and written back without a lock.",
    family: "shared state",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["augment"],
  },
  (view) => {
    return view.location.kind === "instance" ? readModifyWrite(view) : undefined;
  },
);
