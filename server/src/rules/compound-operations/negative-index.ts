// B6: `L[-1]` is turned into an index first and read afterwards (gh-130744).
import type { Access } from "../../facts/facts.ts";
import { resizes } from "../../program/operations.ts";
import { defineRule } from "../rule.ts";

/** Replacing elements, or adding some behind the last one, takes no place away. */
function keepsOrGrows(other: Access): boolean {
  return (
    other.op === "item-store" ||
    other.op === "item-augment" ||
    (other.op === "method" && /^(append|extend)$/.test(other.detail))
  );
}

export default defineRule(
  {
    name: "negative-index",
    summary: "A negative index is used on a list that other threads resize.",
    family: "compound operations",
    severity: "information",
    status: "stable",
    lockRepairs: true,
    on: ["item-read"],
  },
  (view) => {
    const { access } = view;
    if (access.op !== "item-read" || !/^-\d+$/.test(access.view) || !view.holds("list")) return undefined;
    if (view.catches("IndexError", "LookupError")) return undefined;
    return {
      conflicts: (other) => resizes(other) && !keepsOrGrows(other),
      withItself: false,
      // Parsers keep stacks in their objects; without a sign of threads nobody shares those.
      ...(view.location.kind === "instance" ? { atLeast: "likely" as const } : {}),
      steps: [`takes the length of \`${view.symbol}\``, "reads the element at that place"],
      outcome: "the list shrinks in between and this thread raises IndexError or gets the wrong element",
    };
  },
);
