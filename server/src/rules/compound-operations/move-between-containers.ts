// B8: `done.append(todo.pop(0))`.
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "move-between-containers",
    summary: "An element is taken out of one shared container and put into another in two steps.",
    family: "compound operations",
    severity: "information",
    status: "preview",
    lockRepairs: true,
    on: ["method"],
  },
  (view) => {
    const { access } = view;
    if (access.op !== "method" || !/^(pop|popleft|popitem)$/.test(access.detail) || !view.isContainer)
      return undefined;
    if (!isInsideAppend(view)) return undefined;
    return {
      conflicts: (other) => other.op === "iterate" || other.op === "contains" || other.op === "length",
      withItself: false,
      steps: [`takes an element out of \`${view.symbol}\``, "puts it somewhere else"],
      outcome: "a thread that looks in between finds it in neither",
      atLeast: "likely",
    };
  },
);

/** Whether the access is the argument of an `append` or `add` of another object. */
function isInsideAppend({ access, file }: AccessView): boolean {
  const { statement, start, end } = access;
  return file.facts.accesses.some(
    (other) =>
      other.statement === statement &&
      other.op === "method" &&
      /^(append|appendleft|add|insert)$/.test(other.detail) &&
      other.start < start &&
      other.end > end,
  );
}
