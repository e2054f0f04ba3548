// Creating something on first use: the test and the store that publishes it. Three rules differ only in
// where it is kept.
import type { AccessView } from "./accessView.ts";
import { type Match, writesBinding } from "./rule.ts";

/** `if x is None: x = make()`. Publication itself is atomic; it is the creation that happens twice. */
export function lazyInitialisation(view: AccessView): Match | undefined {
  const { access } = view;
  if (access.op !== "rebind" || /^(none|bool|int|number|element|str)$/.test(access.detail)) return undefined;
  if (view.holds("immutable")) return undefined; // a state or a number, not an object made on first use
  const first = view.decidingAccess((earlier, context) => {
    if (earlier.op !== "read") return false;
    if (context.kind === "handler") return /AttributeError|NameError/.test(context.detail);
    return context.kind === "test" && isEmptinessTest(context.detail, lastName(view.location.name));
  });
  if (first === undefined || view.isRecheckedBetween(first)) return undefined;
  return {
    first,
    conflicts: (other) => writesBinding(other.op),
    withItself: true,
    steps: [`sees that \`${view.symbol}\` is not there yet`, "creates and stores it"],
    outcome: "two threads create it, and one goes on with an object that nobody else will see",
  };
}

function lastName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** Whether a condition asks if something is missing, not what it is. */
function isEmptinessTest(condition: string, name: string): boolean {
  if (!condition.includes(name)) return /\bis\s+(not\s+)?None\b/.test(condition); // tested through a local variable
  if (/\bis(\s+not)?\s+(None|_?[A-Z_]+|_\w+)\b|\bhasattr\s*\(|getattr\s*\(/.test(condition)) return true;
  // What stands before and behind the name: `not x`, `a or x`, and nothing that compares it.
  return condition.split(/\band\b|\bor\b/).some((part) => {
    const operand = part.replace(/^[\s(]*(not\s+)?/, "").replace(/[\s)]*$/, "");
    return /^[\w.]+$/.test(operand) && (operand === name || operand.endsWith(`.${name}`));
  });
}
