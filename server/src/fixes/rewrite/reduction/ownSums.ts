// Sums that threads add to in their loops without a lock: each adds up for itself, and once, behind the loop and under
// the data's lock, to the shared one.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { LocalCalls, mentions } from "../../hazards/reentrance.ts";
import { lockFixes } from "../../lockFixes.ts";
import { executedNodes, isTarget, lastName } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { losesComment } from "../text/layout.ts";
import { mergedBehind, outermostLoop } from "./partials.ts";
import { summedIn } from "./sums.ts";

/** `total += x` and `counts[key] += 1` in a `for` loop. */
export function sumUnderLockOnce(place: Place): TextFix | undefined {
  const { tree, source, finding } = place;
  const statement = place.statementOf(place.node);
  const loop = outermostLoop(place, statement);
  if (loop === 0 || tree.kind(loop) !== Kind.ForStatement || !place.ownsLines(statement)) return undefined;
  const summed = summedIn(place, statement);
  if (summed === undefined || reachesData(place, loop)) return undefined;
  if (losesComment(source, tree.start(statement), tree.end(statement), [])) return undefined;
  const locks = lockFixes(finding, { tree: (path) => (path === finding.path ? tree : undefined) });
  // Where not every access can be guarded, it is enough to guard this one if no other changes the sum.
  const wanted = changesElsewhere(tree, statement, summed.shared) ? locks.slice(0, 1) : locks;
  const guarding = wanted.find(({ disabled }) => disabled === undefined);
  if (guarding === undefined) return undefined;
  const [from, to] = [source.lineStart(tree.start(statement)), source.lineEnd(tree.end(statement))];
  const wraps = guarding.edits.filter(({ start, end }) => end >= from && start <= to);
  const others = guarding.edits.filter((edit) => !wraps.includes(edit));
  const inLoop = others.some(({ start, end }) => end >= tree.start(loop) && start < tree.end(loop));
  const lock = wraps.map(({ newText }) => /\bwith ([\w.]+):/.exec(newText)?.[1]).find(Boolean);
  if (lock === undefined || inLoop) return undefined;
  const fix = mergedBehind(place, statement, statement, summed, lock);
  if (fix === undefined) return undefined;
  // Behind a loop that does other things than counting, others may wait long for the sum.
  return { ...fix, edits: [...others, ...fix.edits], isPreferred: isQuick(tree, loop) };
}

/** Whether the file gives the sum a value in other places than where it is made. */
function changesElsewhere(tree: CompactTree, statement: number, shared: number): boolean {
  const name = lastName(tree.source(shared));
  let others = 0;
  for (let node = 1; node < tree.count; node += 1) {
    if (node === statement) node = tree.subtreeEnd(statement);
    if (!isTarget(tree, node) || lastName(tree.source(node)) !== name) continue;
    const around = tree.kind(tree.parent(node));
    if (around !== Kind.GlobalStatement && around !== Kind.NonlocalStatement) others += 1;
  }
  return others > 1;
}

/** Whether a function that the loop calls looks at the sum meanwhile. */
function reachesData({ tree, finding }: Place, loop: number): boolean {
  const name = lastName(finding.symbol).replace(/\[.*/s, "");
  return (
    new LocalCalls(tree).reaches({ block: 0, statements: [loop] }, (fn) => mentions(tree, fn, name)) !==
    undefined
  );
}

const quick =
  /(^|\.)(range|len|enumerate|zip|sum|min|max|abs|int|float|str|ord|isinstance|items|keys|values|get|append|add|lower|upper|strip|split|startswith|endswith|random|randrange)$/;

function isQuick(tree: CompactTree, loop: number): boolean {
  return [...executedNodes(tree, [loop])].every(
    (node) => tree.kind(node) !== Kind.Call || quick.test(tree.source(tree.child(node, Field.Function))),
  );
}
