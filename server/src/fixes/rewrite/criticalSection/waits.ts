// Calls that wait under a lock: in front of the `with` block, behind it, or between its two halves.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import { Refusal, type TextFix } from "../../fix.ts";
import { executedNodes, functionAround, isTarget } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { reindented } from "../text/layout.ts";
import { freshLocal } from "../text/localNames.ts";
import { HeldReads } from "./heldReads.ts";
import { type Held, headOf, heldAround, moved, movedText, orRefused, withoutLines } from "./heldUnit.ts";
import { declaresGlobal, pathsIn, refuseChanges, sharingOf } from "./sharedReads.ts";

/** A call that waits: in front of the block or behind it if it is its first or last statement, else in a gap of it. */
export function waitOutside(place: Place): TextFix | undefined {
  const found = heldAround(place);
  if (found === undefined) return undefined;
  const { tree, source } = place;
  const { unit, before, after, held, lock } = found;
  if (tree.kind(unit) !== Kind.ExpressionStatement && tree.kind(unit) !== Kind.ReturnStatement)
    return undefined;
  if (isAugmented(tree, unit)) return undefined;
  const isQuiet = /^(sleep|join)-holding-lock$/.test(place.finding.rule);
  const isOnly = before.length + after.length === 0;
  if (isStoredInData(tree, unit)) return before.length > 0 ? undefined : valueInFront(place, found);
  const isReturn = tree.kind(unit) === Kind.ReturnStatement;
  const reads = new HeldReads(place, before);
  if (isOnly) return place.finding.rule === "join-holding-lock" ? withoutLock(place, found) : undefined;
  if (before.length === 0) {
    const title = "Do this before the lock is taken: move it in front of the `with` block";
    return orRefused(place, title, () => {
      refuseChanges(tree, [unit], functionAround(tree, held));
      reads.take(unit);
      refuseUnlocked(reads);
      const line = movedText(place, unit, source.indentAt(tree.start(held)), reads);
      const cost = isQuiet ? "" : " (several threads may do it at once)";
      return place.fix(
        `${title}${cost}`,
        [
          source.insert(
            tree.start(held),
            `${line.trimStart()}${source.eol}${source.indentAt(tree.start(held))}`,
          ),
          withoutLines(place, unit),
        ],
        isQuiet,
      );
    });
  }
  if (after.length === 0) {
    const title = "Release the lock first: move this behind the `with` block";
    return orRefused(place, title, () => {
      refuseChanges(tree, [unit], functionAround(tree, held));
      reads.take(unit);
      const edits = moved(place, found, reads);
      return place.fix(title, edits, !isReturn && reads.lines.length === 0 && isQuiet);
    });
  }
  const title = `Let \`${lock}\` go meanwhile: the block becomes two (others can come in between)`;
  return orRefused(place, title, () => {
    refuseGap(tree, found);
    reads.take(unit);
    const [inner, outer] = [source.indentAt(tree.start(unit)), source.indentAt(tree.start(held))];
    const lines = [
      ...reads.lines.map((line) => inner + line),
      movedText(place, unit, outer, reads),
      `${outer}with ${lock}:`,
    ];
    const start = source.lineStart(headOf(place, unit));
    const end = source.lineEnd(tree.end(unit));
    return {
      ...place.fix(title, [source.replace(start, end, lines.join(source.eol))], false),
      isPreferred: false,
    };
  });
}

/** A lock around nothing but a `join`. */
function withoutLock(place: Place, { held, unit }: Held): TextFix | undefined {
  const { tree, source } = place;
  const title = "Wait for the thread without the lock";
  return orRefused(place, title, () => {
    const reads = new HeldReads(place, []);
    reads.take(unit);
    refuseUnlocked(reads);
    const text = movedText(place, unit, source.indentAt(tree.start(held)), reads);
    const [start, end] = [source.lineStart(tree.start(held)), source.lineEnd(tree.end(unit))];
    return place.fix(title, [source.replace(start, end, text)], true);
  });
}

/** Two halves under the lock are as good as one only if the second does not build on what the first has seen. */
function refuseGap(tree: CompactTree, { unit, before, after, held }: Held): void {
  refuseChanges(tree, [unit], functionAround(tree, held));
  const branches = new Set([Kind.IfStatement, Kind.WhileStatement, Kind.TryStatement, Kind.MatchStatement]);
  if (before.some((s) => branches.has(tree.kind(s))))
    throw new Refusal("What is tested before it may no longer hold after it.");
  const bound = [...executedNodes(tree, before)].filter((node) => isTarget(tree, node));
  const names = new Set(bound.filter((n) => tree.kind(n) === Kind.Identifier).map((n) => tree.source(n)));
  if (pathsIn(tree, after).some((path) => names.has(/^\w+/.exec(tree.source(path))![0])))
    throw new Refusal("What is read before it may no longer hold after it.");
}

function refuseUnlocked(reads: HeldReads): void {
  if (reads.lines.length > 0)
    throw new Refusal(`\`${reads.lines[0]!.replace(/^\w+ = /, "")}\` is read for it, which needs the lock.`);
}

function isAugmented(tree: CompactTree, unit: number): boolean {
  return tree.kind(tree.firstChild(unit)) === Kind.AugmentedAssignment;
}

/** `cache[url] = download(url)`: the target is what the lock is for, the value is not. */
function isStoredInData(tree: CompactTree, unit: number): boolean {
  const assignment = tree.firstChild(unit);
  if (tree.kind(unit) !== Kind.ExpressionStatement || tree.kind(assignment) !== Kind.Assignment) return false;
  const targets = tree.source(tree.child(assignment, Field.Left)).split(/[\s,()]+/);
  const fn = functionAround(tree, unit);
  return targets.some((name) => !/^\w*$/.test(name) || declaresGlobal(tree, fn, name));
}

function valueInFront(place: Place, { held, unit }: Held): TextFix | undefined {
  const { tree, source } = place;
  const value = tree.child(tree.firstChild(unit), Field.Right);
  if (value === 0 || tree.kind(value) === Kind.Assignment) return undefined;
  const name = freshLocal(tree, "result", unit);
  const title = "Do this before the lock is taken, in front of the `with` block";
  return orRefused(place, title, () => {
    const shared = pathsIn(tree, [value]).find((path) => !/^(own|settled)$/.test(sharingOf(tree, path)));
    if (shared !== undefined)
      throw new Refusal(`\`${tree.source(shared)}\` is used for it, which may need the lock.`);
    const indent = source.indentAt(tree.start(held));
    const line = reindented(source, tree.start(value), tree.end(value), indent).trimStart();
    return place.fix(
      `${title} (several threads may do it at once)`,
      [
        source.insert(tree.start(held), `${name} = ${line}${source.eol}${indent}`),
        source.replace(tree.start(value), tree.end(value), name),
      ],
      false,
    );
  });
}
