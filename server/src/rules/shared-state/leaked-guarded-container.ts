// A10: `with self._lock: return self._items` gives the caller the very object that the lock guards.
import type { Access } from "../../facts/facts.ts";
import { mutates } from "../../program/operations.ts";
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "leaked-guarded-container",
    summary: "A method returns the container itself, or a live view of it, from inside its lock.",
    family: "shared state",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  (view) => {
    const { access } = view;
    const isReturned = /\breturn\s*\(?\s*$/.test(view.textBefore(20));
    const isView = access.op === "method" && /^(keys|values|items)$/.test(access.detail);
    const isItself = access.op === "escape" && access.detail === "" && view.isContainer;
    if (!isReturned || !(isView || isItself) || !view.isLocked) return undefined;
    if (isView && !view.maybeContainer) return undefined;
    if (isHandedOver(view)) return undefined;
    return {
      unlocked: true,
      conflicts: changesInPlace,
      withItself: false,
      steps: [`is given \`${view.symbol}\` itself under the lock`, "uses it when the lock is gone"],
      outcome: "the caller sees the container change under its hands; a copy would be safe",
      atLeast: "likely",
    };
  },
);

/** Storing a new object (copy-on-write) leaves the one that was given out as it is. */
function changesInPlace(access: Access): boolean {
  return mutates(access) && !replaces(access);
}

/** `rows, self._rows = self._rows, []; return rows`: the owner has let go of what it returns. */
function isHandedOver(view: AccessView): boolean {
  const { context, start } = view.access;
  return view.siblings().some((other) => replaces(other) && other.context === context && other.start < start);
}

function replaces(access: Access): boolean {
  return (
    access.op === "rebind" || access.op === "delete" || (access.op === "augment" && access.detail === "=")
  );
}
