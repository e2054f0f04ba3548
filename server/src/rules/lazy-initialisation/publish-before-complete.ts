// An object is stored where other threads find it, and only then filled.
import { isMutatingMethod, kindOfConstructor } from "../../program/types.ts";
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "publish-before-complete",
    summary: "A cache entry is stored empty and filled afterwards, where other threads already see it.",
    family: "lazy initialisation",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["item-store"],
  },
  (view) => {
    const { access } = view;
    if (access.op !== "item-store" || !storesContainer(view) || !view.maybeContainer) return undefined;
    const last = lastFilling(view);
    if (last === undefined) return undefined;
    const first = view.decidingAccess(
      (earlier) =>
        (earlier.op === "contains" || earlier.op === "item-read" || earlier.detail === "get") &&
        earlier.view === access.view,
    );
    if (first === undefined) return undefined;
    return {
      first,
      last,
      conflicts: (other) => other.op === "item-read" || other.op === "item-store",
      withItself: true,
      steps: [`stores an empty entry in \`${view.symbol}\``, "fills it afterwards"],
      outcome: "the other thread finds the entry and uses it half filled",
    };
  },
);

const containers = /^(list|dict|set|deque|defaultdict|Counter|OrderedDict)$/;

/** Whether what is stored is a container made on the spot: `[]`, `{}`, `set()`. */
function storesContainer({ access, file }: AccessView): boolean {
  if (containers.test(access.detail)) return true;
  const made = file.facts.calls.find((c) => c.start > access.start && c.end === access.statementEnd);
  if (made === undefined || made.callee < 0) return false;
  const { root, name, path } = file.place(made.callee);
  return root === "global" && path.length === 0 && containers.test(kindOfConstructor(name));
}

/** The last change of the element just stored, by a later statement of the function; an index into the accesses. */
function lastFilling({ access, file, index }: AccessView): number | undefined {
  const { accesses } = file.facts;
  const base = file.place(access.place);
  const element = [...base.path, "[]"].join(".");
  let last: number | undefined;
  for (let i = index + 1; i < accesses.length; i += 1) {
    const other = accesses[i]!;
    if (other.fn !== access.fn) continue;
    const of = file.place(other.place);
    if (of.root !== base.root || of.name !== base.name || of.path.join(".") !== element) continue;
    if (other.op === "item-store" || (other.op === "method" && isMutatingMethod(other.detail))) last = i;
  }
  return last;
}
