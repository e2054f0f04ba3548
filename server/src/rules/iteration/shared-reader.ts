// D6: `csv.reader` shared between threads segfaults on 3.13t.
import { defineRule } from "../rule.ts";
export default defineRule(
  {
    name: "shared-reader",
    summary: "One csv reader is advanced by several threads.",
    family: "iteration",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["iterate", "method"],
  },
  (view) => {
    const { access } = view;
    const advances = (access.op === "method" && access.detail === "__next__") || access.op === "iterate";
    if (!advances || !view.holds("reader")) return undefined;
    return {
      conflicts: (other) => other.op === "iterate" || (other.op === "method" && other.detail === "__next__"),
      withItself: true,
      steps: [`advances \`${view.symbol}\``, "takes the row"],
      outcome:
        view.target === "3.13" ? "rows are lost, and 3.13t can crash" : "rows are lost or delivered twice",
    };
  },
);
