// B9: `if not q.empty(): q.get()`.
import { defineRule } from "../rule.ts";
export default defineRule(
  {
    name: "queue-empty-check",
    summary: "A queue is asked whether it is empty or full before it is used.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
    on: ["method"],
  },
  (view) => {
    const { access } = view;
    if (
      access.op !== "method" ||
      !view.holds("queue") ||
      !/^(get|get_nowait|put|put_nowait)$/.test(access.detail)
    )
      return undefined;
    if (view.catches("Empty", "Full", "queue")) return undefined;
    const first = view.decidingAccess(
      (earlier) => earlier.op === "method" && /^(empty|full|qsize)$/.test(earlier.detail),
    );
    if (first === undefined) return undefined;
    const takes = access.detail.startsWith("get");
    return {
      first,
      conflicts: (other) => other.op === "method" && other.detail.startsWith(takes ? "get" : "put"),
      withItself: true,
      steps: [
        `asks whether \`${view.symbol}\` is ${takes ? "empty" : "full"}`,
        takes ? "takes an element" : "puts one in",
      ],
      outcome: takes
        ? "another thread takes the last element in between and this one waits for ever"
        : "another thread fills the queue in between and this one waits or raises Full",
    };
  },
);
