// A10: `with self._lock: return self._items` gives the caller the very object that the lock guards.
import { mutates } from "./accessView.ts";
import { defineRule } from "./rule.ts";

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
    return {
      unlocked: true,
      conflicts: (other) => mutates(other) && other.op !== "rebind",
      withItself: false,
      steps: [`is given \`${view.symbol}\` itself under the lock`, "uses it when the lock is gone"],
      outcome: "the caller sees the container change under its hands; a copy would be safe",
      atLeast: "likely",
    };
  },
);
