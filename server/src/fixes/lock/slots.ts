// Classes with `__slots__` need a slot for their new lock.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal, type TextEdit } from "../fix.ts";
import { assignedIn, bodyOf, executedNodes } from "../scopes.ts";
import type { Source } from "../source.ts";

export function extendSlots(source: Source, owner: number, name: string): TextEdit[] {
  return slotsOf(source.tree, owner).flatMap((statement) => extended(source, statement, name));
}

/** The statements that give a class its `__slots__`, which may depend on conditions; empty for other classes. */
export function slotsOf(tree: CompactTree, owner: number): number[] {
  return [...executedNodes(tree, bodyOf(tree, owner))].filter(
    (node) => assignedIn(tree, node) === "__slots__" && classAround(tree, node) === owner,
  );
}

function classAround(tree: CompactTree, node: number): number {
  let at = tree.parent(node);
  while (at > 0 && tree.kind(at) !== Kind.ClassDefinition) at = tree.parent(at);
  return at;
}

function extended(source: Source, statement: number, name: string): TextEdit[] {
  const { tree, eol } = source;
  const slots = tree.child(tree.firstChild(statement), Field.Right);
  const kind = tree.kind(slots);
  if (kind === Kind.String) {
    const quote = tree.source(slots).at(-1)!;
    return [
      source.replace(tree.start(slots), tree.end(slots), `(${tree.source(slots)}, ${quote}${name}${quote})`),
    ];
  }
  const items = tree.children(slots);
  const isDisplay =
    kind === Kind.Tuple || kind === Kind.List || kind === Kind.Set || kind === Kind.ExpressionList;
  if (!isDisplay || items.some((item) => tree.kind(item) !== Kind.String)) {
    throw new Refusal("`__slots__` is computed; the lock's slot has to be added by hand.");
  }
  const last = items.at(-1);
  if (last === undefined) {
    const comma = kind === Kind.Tuple ? "," : "";
    return [source.insert(tree.end(slots) - 1, `"${name}"${comma}`)];
  }
  const quote = tree.source(last).at(-1)!;
  const behind = items.find((item) => nameIn(tree, item) > name);
  if (behind !== undefined && items.length > 2 && isSorted(items.map((item) => nameIn(tree, item)))) {
    const gap = source.isFirstOnLine(tree.start(behind)) ? eol + source.indentAt(tree.start(behind)) : " ";
    return [source.insert(tree.start(behind), `${quote}${name}${quote},${gap}`)];
  }
  // The comma of a tuple of one has done its work; behind two names it would ask for a line each.
  const rest = source.text.slice(tree.end(last), tree.end(slots));
  if (items.length === 1 && /^,[ \t]*\)$/.test(rest)) {
    return [source.replace(tree.end(last), tree.end(slots), `, ${quote}${name}${quote})`)];
  }
  const isLinePerItem = source.isFirstOnLine(tree.start(last)) && kind !== Kind.ExpressionList;
  const gap = isLinePerItem ? eol + source.indentAt(tree.start(last)) : " ";
  return [source.insert(tree.end(last), `,${gap}${quote}${name}${quote}`)];
}

function nameIn(tree: CompactTree, item: number): string {
  return tree.source(item).replace(/^\w*["']+|["']+$/g, "");
}

function isSorted(names: readonly string[]): boolean {
  return names.every((name, i) => i === 0 || names[i - 1]! <= name);
}
