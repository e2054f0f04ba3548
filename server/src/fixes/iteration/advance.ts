// Loops over one iterator that threads share: each of them takes its elements under the lock, and works on them
// without it.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { Finding, GuardRequest } from "../../findings/finding.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { type TextEdit, type TextFix, unlessRefused } from "../fix.ts";
import { costOf, lockFor } from "../guardWithLock.ts";
import { guardedCode } from "../region/guardedCode.ts";
import { regionOf } from "../region/region.ts";
import { isInsideWith } from "../region/sameLock.ts";
import type { Source, SourceOf } from "../source.ts";

/**
 * `for job in jobs:` as `while True:` with `next(jobs)` under the lock; undefined for other code than such a loop, and
 * where no lock suits.
 */
export function advanceUnderLock(
  finding: Finding,
  guard: GuardRequest,
  sourceOf: SourceOf,
): TextFix | undefined {
  if (finding.rule !== "shared-iterator") return undefined;
  const source = sourceOf(finding.path);
  const loop = loopOver(source.tree, finding.range);
  if (loop === 0 || !isPlainLoop(source, loop)) return undefined;
  return unlessRefused(() => {
    const site = { ...guard, path: finding.path, access: finding.range };
    const code = guardedCode([site], sourceOf, { ...guard, isAlone: true });
    const [one] = code;
    const region = regionOf(source.tree, source.tree.start(loop), source.tree.end(loop));
    const lock = lockFor(guard, code, sourceOf, guard.callsBack === true);
    const name = lock.nameAt(one!);
    if (isInsideWith(source, region, name)) return undefined;
    const iterator = source.tree.source(source.tree.child(loop, Field.Right));
    return {
      isPreferred: !lock.needsClick,
      title: `Take each element of \`${iterator}\` under ${lock.isNew ? "a new lock " : ""}\`${name}\` (${costOf(lock, "threads take turns for `next` only", undefined)})`,
      edits: [...lock.edits, takingEach(source, loop, name)],
    };
  });
}

/** The `for` statement that iterates over what stands at this range; 0 if there is none. */
function loopOver(tree: CompactTree, { start, end }: Finding["range"]): number {
  const node = tree.enclosing(start, end);
  const parent = tree.parent(node);
  const isIterable = tree.kind(parent) === Kind.ForStatement && tree.field(node) === Field.Right;
  return isIterable ? parent : 0;
}

/** Neither asynchronous nor with an `else`, its body below it, and no comment behind the colon. */
function isPlainLoop(source: Source, loop: number): boolean {
  const { tree } = source;
  const body = tree.child(loop, Field.Body);
  const head = source.text.slice(tree.start(loop), source.lineEnd(tree.start(loop)));
  return (
    tree.child(loop, Field.Alternative) === 0 &&
    /^for\b.*:\s*$/.test(head) &&
    source.lineStart(tree.start(body)) > tree.start(loop) &&
    source.isFirstOnLine(tree.start(loop))
  );
}

function takingEach(source: Source, loop: number, lock: string): TextEdit {
  const { tree, eol } = source;
  const start = tree.start(loop);
  const unit = source.unitOf(tree.child(loop, Field.Body)) ?? source.unit;
  const indent = source.indentAt(start);
  const target = tree.source(tree.child(loop, Field.Left));
  const iterator = tree.source(tree.child(loop, Field.Right));
  const lines = [
    "while True:",
    `${unit}with ${lock}:`,
    `${unit}${unit}try:`,
    `${unit}${unit}${unit}${target} = next(${iterator})`,
    `${unit}${unit}except StopIteration:`,
    `${unit}${unit}${unit}break`,
  ];
  return source.replace(start, source.lineEnd(start), lines.join(eol + indent));
}
