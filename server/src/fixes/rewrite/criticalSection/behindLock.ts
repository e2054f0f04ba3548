// Code of others that should not run under a lock, callbacks and consumers: what it needs is read into local names in
// the `with` block, and it runs behind it.
import { Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { Refusal, type TextFix } from "../../fix.ts";
import { executedNodes, functionAround, isTarget } from "../../scopes.ts";
import { leaves } from "../oneStep/tryInstead.ts";
import type { Place } from "../place.ts";
import { rebinds } from "../text/expressions.ts";
import { HeldReads } from "./heldReads.ts";
import { type Held, heldAround, moved, orRefused } from "./heldUnit.ts";
import { pathsIn, refuseChanges, sharingOf } from "./sharedReads.ts";

/** A callback, or what a generator yields: behind the block, over copies made in it. */
export function behindTheLock(place: Place): TextFix | undefined {
  const found = heldAround(place);
  if (found === undefined) return undefined;
  const { tree } = place;
  const { unit, after } = found;
  const isYield = tree.kind(place.node) === Kind.Yield;
  const what = isYield ? "Yield" : "Call it";
  const title = `${what} behind the \`with\` block`;
  return orRefused(place, title, () => {
    if (isYield && tree.kind(unit) !== Kind.ForStatement && !/^yield\s+from\b/.test(tree.source(unit)))
      return undefined;
    refuseOrder(tree, found);
    const reads = new HeldReads(place, found.before);
    reads.take(unit);
    if (reads.lines.length === 0 && found.before.length + after.length === 0)
      throw new Refusal(`\`${found.lock}\` lets one call run at a time, and does nothing else.`);
    const isCopy = reads.lines.some((line) => /= (list|sorted|tuple)\(/.test(line));
    const how = isCopy ? `, over a copy made under \`${found.lock}\`` : "";
    const order = after.length === 0 ? "" : "; it comes after the rest of the block";
    const cost = isYield
      ? "(it does not see what changes meanwhile)"
      : `(calls of several threads may overlap${order})`;
    const fix = place.fix(`${title}${how} ${cost}`, moved(place, found, reads), false);
    return after.length === 0 ? fix : { ...fix, isPreferred: false };
  });
}

/** What is moved changes nothing that the lock is for, and the rest of the block neither needs nor ends it. */
function refuseOrder(tree: CompactTree, { unit, after, held }: Held): void {
  const fn = functionAround(tree, held);
  refuseChanges(tree, [unit], fn);
  if (after.length === 0) return;
  const nodes = [...executedNodes(tree, [unit])];
  if (leaves(tree, after) || after.some((s) => hasExit(tree, s)) || hasExit(tree, unit))
    throw new Refusal("The block may be left before its end, and this would not be done then.");
  const names = new Set(pathsIn(tree, [unit]).map((path) => /^\w+/.exec(tree.source(path))![0]));
  const made = nodes.filter((node) => isTarget(tree, node)).map((node) => tree.source(node));
  const local = [...names].filter((name) => isLocalObject(tree, unit, name));
  const isNeeded = pathsIn(tree, after).some((path) => {
    const root = /^\w+/.exec(tree.source(path))![0];
    return made.includes(root) || local.includes(root);
  });
  if (isNeeded || rebinds(tree, after, [...names]))
    throw new Refusal("The rest of the block needs what this does.");
}

/** An object of this call that the moved code may fill: a name that the function binds, other than its parameters. */
function isLocalObject(tree: CompactTree, unit: number, name: string): boolean {
  return pathsIn(tree, [unit]).some((path) => {
    const source = tree.source(path);
    return (
      source.startsWith(`${name}.`) && name !== "self" && name !== "cls" && sharingOf(tree, path) === "own"
    );
  });
}

function hasExit(tree: CompactTree, statement: number): boolean {
  return [...executedNodes(tree, [statement])].some((node) => {
    const kind = tree.kind(node);
    return (
      kind === Kind.ReturnStatement ||
      kind === Kind.RaiseStatement ||
      kind === Kind.Yield ||
      kind === Kind.BreakStatement ||
      kind === Kind.ContinueStatement
    );
  });
}
