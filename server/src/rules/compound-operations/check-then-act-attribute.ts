// B11: a flag that should let one thread through lets two through: `if not self.started: self.started = True`.
import type { Access } from "../../facts/facts.ts";
import { writesBinding } from "../../program/operations.ts";
import type { AccessView } from "../accessView.ts";
import { defineRule, type Match } from "../rule.ts";
import { isEmptinessTest } from "../shapes/lazyInit.ts";

export default defineRule(
  {
    name: "check-then-act-attribute",
    summary: "A flag is tested and then set, so that two threads can both pass the test.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["rebind"],
  },
  (view) => {
    const { access, location } = view;
    if (location.kind === "closure" || location.kind === "default") return undefined;
    if (access.op !== "rebind") return undefined;
    const name = location.name.slice(location.name.lastIndexOf(".") + 1);
    if (access.detail === "none") return takenTwice(view, name);
    if (access.detail !== "bool") return undefined;
    // The flag alone decides: `if self.started:`, `if not self.started:`, perhaps after `and`.
    const isFlagTest = new RegExp(`^(not\\s+)?[\\w.]*\\b${name}$`);
    const first = view.decidingAccess(
      (earlier, context) =>
        context.kind === "test" &&
        !context.repeats &&
        earlier.op === "read" &&
        conjuncts(context.detail).some((part) => isFlagTest.test(part)),
    );
    if (first === undefined || view.isRecheckedBetween(first) || view.releasesLock) return undefined;
    if (isSetSince(view, first)) return undefined;
    return {
      first,
      conflicts: (other) => writesBinding(other.op),
      withItself: true,
      callersShare: true,
      steps: [`tests \`${view.symbol}\``, "sets it"],
      outcome: "two threads pass the test and both run what should run once",
    };
  },
);

/** `if self.busy: return`, `self.busy = True`, and at the end `self.busy = False`: by then the test has been acted on. */
function isSetSince(view: AccessView, test: number): boolean {
  const { access, file } = view;
  const { contexts } = file.facts;
  // What follows an early exit out of a block stands in a copy of the block's context.
  const around = [...view.contexts()];
  const isOnTheWay = ({ context }: Access) => {
    for (let at = context; at !== 0; at = contexts[at]!.parent) {
      const { kind, start } = contexts[at]!;
      if (kind !== "lock" && !around.some((one) => one.kind === kind && one.start === start)) return false;
    }
    return true;
  };
  return view
    .siblings()
    .some(
      (other) =>
        other.op === "rebind" &&
        other.place === access.place &&
        view.indexOf(other) > test &&
        other.end < access.statementStart &&
        isOnTheWay(other),
    );
}

/** What all has to hold: the parts between `and`; a condition with `or` is one part. */
function conjuncts(condition: string): string[] {
  return /\bor\b/.test(condition) ? [condition] : condition.split(/\band\b/).map((part) => part.trim());
}

/** `if self.token is None: raise`, then `token = self.token; self.token = None`: what only one may take. */
function takenTwice(view: AccessView, name: string): Match | undefined {
  const { access, location } = view;
  const first = view.decidingAccess(
    (earlier, context) =>
      context.kind === "test" &&
      !context.repeats &&
      earlier.op === "read" &&
      isEmptinessTest(context.detail, name, location.cls !== undefined) &&
      /\bis\s+None\b/.test(context.detail) !== context.holds,
  );
  if (first === undefined || view.isRecheckedBetween(first)) return undefined;
  const isTaken = view
    .siblings()
    .some(
      ({ op, start, statement }) =>
        op === "read" && start < access.start && access.statement - statement === 1,
    );
  if (!isTaken) return undefined;
  return {
    first,
    conflicts: (other) => other.op === "rebind" && other.detail === "none",
    withItself: true,
    callersShare: true,
    steps: [`sees that \`${view.symbol}\` is there`, "takes it and sets None"],
    outcome: "two threads take the same object, or one takes None",
  };
}
