// Creating something on first use: the test and the store that publishes it. Three rules differ only in
// where it is kept.
import type { Context } from "../../facts/facts.ts";
import { writesBinding } from "../../program/operations.ts";
import type { AccessView } from "../accessView.ts";
import type { Match } from "../rule.ts";

/** `if x is None: x = make()`. Publication itself is atomic; it is the creation that happens twice. */
export function lazyInitialisation(view: AccessView): Match | undefined {
  const { access } = view;
  if (access.op !== "rebind" || /^(none|bool|int|number|element|str)$/.test(access.detail)) return undefined;
  if (view.holds("immutable")) return undefined; // a state or a number, not an object made on first use
  const first = view.decidingAccess((earlier, context) => {
    if (earlier.op !== "read") return false;
    if (context.kind === "handler") return /AttributeError|NameError/.test(context.detail);
    return (
      context.kind === "test" &&
      isEmptinessTest(context.detail, lastName(view.location.name), view.location.cls !== undefined) &&
      !replacesWhatIsThere(context) &&
      !remembersTheLast(view, context)
    );
  });
  if (first === undefined || view.isRecheckedBetween(first)) return undefined;
  return {
    first,
    conflicts: (other) => writesBinding(other.op),
    withItself: true,
    callersShare: view.isHandedOut,
    steps: [`sees that \`${view.symbol}\` is not there yet`, "creates and stores it"],
    outcome: "two threads create it, and one goes on with an object that nobody else will see",
  };
}

function lastName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

/** `if self.last and self.last == x: return`, then `self.last = x`: nobody goes on with what was there. */
function remembersTheLast(view: AccessView, { from, holds, detail }: Context): boolean {
  if (holds || !/\band\b/.test(detail)) return false;
  const { contexts } = view.file.facts;
  // The test's accesses come first, those of the branch behind them.
  const isInBranch = (index: number, at: number): boolean => {
    if (at === 0) return false;
    const context = contexts[at]!;
    const isSameTest = context.kind === "test" && context.from === from && context.detail === detail;
    return (isSameTest && context.holds && index >= context.to) || isInBranch(index, context.parent);
  };
  return !view
    .siblings()
    .some((other) => view.isSameLocation(other) && isInBranch(view.indexOf(other), other.context));
}

/** Whether the object is there when the condition has turned out as it did: what is stored then replaces it. */
export function impliesPresence({ detail, holds }: Context): boolean {
  const asksForAbsence = /\bis\s+None\b|^[\s(]*not\b(?!.*\bis\b)/.test(detail);
  if (holds) return !asksForAbsence && !/\bor\b/.test(detail);
  return asksForAbsence && !/\band\b/.test(detail);
}

/** `assert job is not None`, then `job = next_job`. What is compared with a name may be a mark for nothing. */
function replacesWhatIsThere(context: Context): boolean {
  return impliesPresence(context) && !/\bis\s+(?!not\b|None\b)\w/.test(context.detail);
}

/** Whether a condition asks if something is missing, not what it is. */
export function isEmptinessTest(condition: string, name: string, isAttribute: boolean): boolean {
  const parts = condition.split(/\band\b|\bor\b/);
  // Tested through a local variable, whose name says nothing: then the whole condition must be that test.
  if (!condition.includes(name))
    return parts.length === 1 && /^[\s(]*(not\s+)?\w+[\s)]*(\bis\s+(not\s+)?None\b.*)?$/.test(condition);
  return parts.some((part) => {
    if (!part.includes(name)) return false;
    // `(x := self.cache) is None` asks for what the name is given.
    const plain = part.replace(/\(\s*\w+\s*:=\s*([\w.]+)\s*\)/, "$1");
    const operand = plain.replace(/^[\s(]*(not\s+)?/, "").replace(/[\s)]*$/, "");
    const isIt = (text: string) => text.endsWith(`.${name}`) || (!isAttribute && text === name);
    if (/^[\w.]+$/.test(operand)) return isIt(operand);
    const compared = /^([\w.]+)\s+is\s+(?:not\s+)?\w+$/.exec(operand);
    if (compared) return isIt(compared[1]!);
    return /^(hasattr|getattr)\s*\([^)]*$/.test(operand) || /^getattr\s*\(.*\)\s+is\b/.test(operand);
  });
}
