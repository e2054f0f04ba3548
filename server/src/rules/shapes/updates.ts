// Reading a binding and writing it back, the operation that `x += 1` hides; four rules differ only in where
// the binding lives.

import { writesBinding } from "../../program/operations.ts";
import type { AccessView } from "../accessView.ts";
import type { Match } from "../rule.ts";

/** A read-modify-write of a name or attribute; in-place operators of containers lose nothing and are left out. */
export function readModifyWrite(view: AccessView): Match | undefined {
  const { access } = view;
  if (access.op !== "augment" || isInPlace(view)) return undefined;
  return {
    conflicts: (other) => writesBinding(other.op),
    withItself: true,
    steps: [`reads \`${view.symbol}\``, "writes the new value back"],
    outcome: "one of the two updates is lost",
  };
}

/** `items += [x]` extends the same list under its own lock and rebinds the name to it. */
function isInPlace(view: AccessView): boolean {
  const { detail, view: operand } = view.access;
  if (detail === "+=") return view.holds("list", "deque", "bytearray") || operand === "list";
  if (detail === "|=" || detail === "&=" || detail === "-=" || detail === "^=") {
    return (
      view.holds("set", "dict", "defaultdict", "Counter", "OrderedDict") ||
      operand === "set" ||
      operand === "dict"
    );
  }
  return false;
}
