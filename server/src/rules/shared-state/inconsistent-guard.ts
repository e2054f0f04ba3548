// A9: most accesses hold a lock, this one does not. The author has already said what guards the data.
import { mutates } from "../../program/operations.ts";
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "inconsistent-guard",
    summary: "Data that a lock guards elsewhere is changed without it.",
    family: "shared state",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    const { access, location } = view;
    if (!mutates(access) || location.kind === "default") return undefined;
    if (access.op === "method" && !view.isContainer && !view.isUsedAsContainer) return undefined;
    const guard = view.guard;
    if (guard === undefined || guard.text === "" || guard.guarded < 2) return undefined;
    const isUsual =
      (guard.guarded * 2 >= guard.total && !isNamedAfterOther(view, guard.text)) ||
      (guard.guardedChanges >= 2 && guard.guardedChanges * 2 >= guard.changes);
    if (!isUsual) return undefined;
    // Setting a flag or dropping a reference is one store; only what others compute from it can be lost.
    const isPlainStore = access.op === "rebind" || access.op === "delete";
    if (isPlainStore && !isUpdatedUnderGuard(view)) return undefined;
    return {
      conflicts: (other) => mutates(other) || other.op === "iterate",
      withItself: false,
      steps: [`changes \`${view.symbol}\``, "holds no lock"],
      outcome: `the code that relies on \`${guard.text}\` sees it change halfway`,
      atLeast: "likely",
    };
  },
);

/** Whether somebody computes the location's next value from its present one under a lock. */
function isUpdatedUnderGuard({ location, heldWithin }: AccessView): boolean {
  return location.sites.some(({ file, access }) => {
    const other = file.facts.accesses[access]!;
    const isComputed =
      other.op === "augment" || (other.op !== "rebind" && other.op !== "delete" && mutates(other));
    return isComputed && heldWithin(file, other.context).length > 0;
  });
}

/** `_tags_lock` is there for `_tags`: what is only looked at beside them under it may be nobody's concern. */
function isNamedAfterOther({ file, location }: AccessView, lock: string): boolean {
  const stem = /^_*(\w+?)_+(r?lock|mutex|cond|condition)$/i.exec(plainName(lock))?.[1];
  if (stem === undefined || sameData(stem, location.name)) return false;
  return file.facts.places.some(({ name, path }) => sameData(stem, path.at(-1) ?? name));
}

const plainName = (text: string) => text.slice(text.lastIndexOf(".") + 1);

function sameData(stem: string, name: string): boolean {
  return plainName(name).replace(/^_+/, "").toLowerCase() === stem.toLowerCase();
}
