// Functions that say that their callers hold a lock: a caller without it takes it around the call.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { TextFix } from "../../fix.ts";
import { refuseHazards } from "../../hazards/hazards.ts";
import { blocksUnder, isReentrant, LocalCalls } from "../../hazards/reentrance.ts";
import { regionOf, wrapInWith } from "../../region/region.ts";
import { functionAround, lastName, nameOf } from "../../scopes.ts";
import { orRefused } from "../criticalSection/heldUnit.ts";
import type { Place } from "../place.ts";
import { isPlain } from "../text/expressions.ts";

export function heldForCall(place: Place): TextFix | undefined {
  const { tree, source, finding } = place;
  let call = place.node;
  while (call > 0 && tree.kind(call) !== Kind.Call && tree.parent(call) > 0) call = tree.parent(call);
  const callee = tree.kind(call) === Kind.Call ? tree.child(call, Field.Function) : 0;
  if (callee === 0 || tree.start(callee) !== finding.range.start || !isPlain(tree, callee)) return undefined;
  // A thread that is started with the function is called elsewhere.
  const expecting = lastName(/^`([\w.]+)`/.exec(finding.message)?.[1] ?? "");
  if (lastName(tree.source(callee)) !== expecting) return undefined;
  const isMethod = tree.kind(callee) === Kind.Attribute;
  const receiver = isMethod ? `${tree.source(tree.child(callee, Field.Object))}.` : "";
  const lock = receiver + lastName(finding.symbol);
  const statement = place.statementOf(call);
  const fn = functionAround(tree, statement);
  if (fn === 0 || !place.ownsLines(statement)) return undefined;
  const title = `Take the lock for the call: \`with ${lock}:\` (threads take turns here)`;
  return orRefused(place, title, () => {
    for (let at = tree.parent(statement); at > fn; at = tree.parent(at)) {
      if (tree.kind(at) === Kind.WithStatement)
        return place.refused(title, "Something else is held here already; the two would need an order.");
    }
    const region = regionOf(tree, tree.start(statement), tree.end(statement));
    refuseHazards(tree, region, call, lock);
    const under = { block: 0, statements: blocksUnder(tree, lock) };
    const isHeld = new LocalCalls(tree).reaches(under, (called) => called === fn) !== undefined;
    if (isHeld && !isReentrant(tree, lock)) {
      const reason = `\`${lock}\` is held by a caller of \`${nameOf(tree, fn)}\` and would block forever.`;
      return place.refused(title, reason);
    }
    return place.fix(title, wrapInWith(source, region, lock), false);
  });
}
