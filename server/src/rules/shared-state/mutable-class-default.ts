// A5: `listeners = []` in a class body, changed through `self`: what looks like each object's own is one for all.
import { mutates, resizes } from "../../program/operations.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "mutable-class-default",
    summary: "A list, dict or set of the class is changed through `self`, in a class that threads share.",
    family: "shared state",
    severity: "warning",
    status: "preview",
    lockRepairs: true,
  },
  (view) => {
    const { access, location } = view;
    // As soon as an instance binds the name itself, the location is the instance's.
    if (
      location.kind !== "class" ||
      !view.holds("list", "dict", "set", "deque", "defaultdict", "OrderedDict", "Counter")
    )
      return undefined;
    const { root, path } = view.file.place(access.place);
    // `cls.known.append(…)` says that the class is meant; `self.known.append(…)` does not.
    if (root !== "self" || path.length !== 1) return undefined;
    if (!resizes(access) && !(access.op === "method" && mutates(access))) return undefined;
    return {
      conflicts: (other) => resizes(other) || (other.op === "method" && mutates(other)),
      withItself: true,
      steps: [`reaches \`${view.symbol}\` through \`self\``, "changes it"],
      outcome: "their data mix, because all instances and all threads share the one object of the class",
      atLeast: "likely",
    };
  },
);
