// B16: `if self.sock is not None: self.sock.send(…)`, while another thread sets it to None.
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";
import { impliesPresence, isEmptinessTest } from "../shapes/lazyInit.ts";

/** Operations that fail on None. */
const uses = new Set(["method", "item-read", "item-store", "iterate", "length", "contains"]);

export default defineRule(
  {
    name: "check-then-use-attribute",
    summary: "An attribute is tested for None and then used, and another thread sets it to None in between.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    const { access, location } = view;
    const typeTest = whenTypeTested(view);
    if (typeTest !== undefined && !view.isRecheckedBetween(typeTest)) {
      return {
        first: typeTest,
        conflicts: (other) => other.op === "rebind",
        withItself: false,
        steps: [`tests the type of \`${view.symbol}\``, "reads it again"],
        outcome: "this one goes on with an object that it has not tested",
      };
    }
    if (!uses.has(access.op) || location.kind === "closure" || location.kind === "default") return undefined;
    if (view.catches("AttributeError", "TypeError")) return undefined;
    // `sock = self.sock`, then `if sock is not None: sock.send()`: read once, tested and used.
    if (access.byLocalName) return undefined;
    const name = location.name.slice(location.name.lastIndexOf(".") + 1);
    const first = view.decidingAccess(
      (earlier, context) =>
        context.kind === "test" &&
        earlier.op === "read" &&
        isEmptinessTest(context.detail, name, location.cls !== undefined) &&
        impliesPresence(context),
    );
    if (first === undefined || view.isRecheckedBetween(first)) return undefined;
    return {
      first,
      conflicts: (other) => (other.op === "rebind" && other.detail === "none") || other.op === "delete",
      withItself: false,
      steps: [`sees that \`${view.symbol}\` is there`, "reads it again to use it"],
      outcome: "this one uses None and raises AttributeError or TypeError",
      atLeast: "likely",
    };
  },
);

/** `if isinstance(self.x, int): return self.x`. */
function whenTypeTested(view: AccessView): number | undefined {
  const { access, location } = view;
  if (access.op !== "escape") return undefined;
  if (location.kind === "closure" || location.kind === "default") return undefined;
  const name = location.name.slice(location.name.lastIndexOf(".") + 1);
  return view.decidingAccess(
    (earlier, context) =>
      context.kind === "test" &&
      context.holds &&
      earlier.op === "read" &&
      context.detail.startsWith("isinstance(") &&
      context.detail.includes(`.${name},`),
  );
}
