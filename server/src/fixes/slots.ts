// Classes with `__slots__` need a slot for their new lock.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import { Refusal, type TextEdit } from "./fix.ts";
import { assignedIn } from "./instanceLock.ts";
import { bodyOf } from "./scopes.ts";
import type { Source } from "./source.ts";

export function extendSlots(source: Source, owner: number, name: string): TextEdit[] {
  const { tree, eol } = source;
  const statement = bodyOf(tree, owner).find((s) => assignedIn(tree, s) === "__slots__");
  if (statement === undefined) return [];
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
  const isLinePerItem = source.isFirstOnLine(tree.start(last)) && kind !== Kind.ExpressionList;
  const gap = isLinePerItem ? eol + source.indentAt(tree.start(last)) : " ";
  return [source.insert(tree.end(last), `,${gap}${quote}${name}${quote}`)];
}
