// B5: `groups[k].append(x)` on a defaultdict: `__missing__` may run in two threads for one key.
import { isMutatingMethod } from "../../program/types.ts";
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "defaultdict-missing-key",
    summary: "A missing key of a shared defaultdict can be filled in twice.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["item-read"],
  },
  (view) => {
    const { access } = view;
    if (access.op !== "item-read" || !view.holds("defaultdict") || !changesElement(view)) return undefined;
    return {
      conflicts: (other) =>
        other.op === "item-read" || other.op === "item-store" || other.op === "item-delete",
      withItself: true,
      steps: [`finds no key in \`${view.symbol}\` and makes a new value`, "stores and changes it"],
      outcome: "two threads make a value for the same key and what one puts into its own is lost",
    };
  },
);

/** Whether the element just looked up is changed in the same statement: `d[k].append(x)`. */
function changesElement({ access, file, index }: AccessView): boolean {
  const base = file.place(access.place);
  const element = [...base.path, "[]"].join(".");
  // The accesses of one statement stand close together.
  return file.facts.accesses.slice(Math.max(0, index - 8), index + 8).some((other) => {
    if (other.statement !== access.statement || other.op !== "method" || !isMutatingMethod(other.detail))
      return false;
    const { root, name, path } = file.place(other.place);
    return root === base.root && name === base.name && path.join(".") === element;
  });
}
