// D4: iterators are not thread-safe; `itertools.count` is the exception.
import { defineRule } from "../rule.ts";
export default defineRule(
  {
    name: "shared-iterator",
    summary: "One iterator is advanced by several threads.",
    family: "iteration",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["iterate", "method"],
  },
  (view) => {
    const { access } = view;
    const advances =
      (access.op === "method" && (access.detail === "__next__" || access.detail === "send")) ||
      access.op === "iterate";
    if (!advances || !view.holds("iterator", "generator") || view.holds("unknown")) return undefined;
    return {
      conflicts: (other) =>
        other.op === "iterate" ||
        (other.op === "method" && (other.detail === "__next__" || other.detail === "send")),
      withItself: true,
      steps: [`advances \`${view.symbol}\``, "takes the element"],
      outcome: view.holds("generator")
        ? "the second thread raises ValueError: generator already executing"
        : "elements are delivered twice or not at all",
    };
  },
);
