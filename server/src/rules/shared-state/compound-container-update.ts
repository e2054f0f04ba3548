// A2: `CACHE[k] = v; ORDER.append(k)`: each step is atomic, the pair is not.
import { resizes } from "../../program/operations.ts";
import { type AccessView, symbolOf } from "../accessView.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "compound-container-update",
    summary: "Two shared containers that belong together are changed one after the other.",
    family: "shared state",
    severity: "information",
    status: "preview",
    lockRepairs: true,
  },
  (view) => {
    const { access } = view;
    if (view.location.kind !== "global" || !resizes(access) || !view.isContainer) return undefined;
    const partner = laterChangeOfAnother(view);
    if (partner === undefined) return undefined;
    return {
      conflicts: (other) => other.op === "iterate" || other.op === "contains" || other.op === "item-read",
      withItself: true,
      steps: [`changes \`${view.symbol}\``, `changes \`${partner}\` after it`],
      outcome: "a thread that looks in between sees one without the other",
    };
  },
);

/** Symbol of another global container that the next statements of the function change too. */
function laterChangeOfAnother({ access, file, index, location, locationOf }: AccessView): string | undefined {
  const { accesses } = file.facts;
  for (let i = index + 1; i < accesses.length; i += 1) {
    const other = accesses[i]!;
    if (other.fn !== access.fn || other.statement > access.statement + 2) break;
    if (other.statement === access.statement || !resizes(other)) continue;
    const changed = locationOf(file, other);
    if (changed !== undefined && changed !== location && changed.kind === "global") return symbolOf(changed);
  }
  return undefined;
}
