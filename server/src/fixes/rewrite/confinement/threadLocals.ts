// Attributes of a `threading.local` that one thread sets for all: a subclass whose `__init__` runs in every thread.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import { functionAround, lastName } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { isCheapValue } from "../text/expressions.ts";
import { gapAbove } from "../text/layout.ts";
import { freshName } from "../text/localNames.ts";

export function initInEachThread(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const statement = place.statementOf(place.node);
  const target = assigned(tree, statement)?.target;
  const local = target === undefined ? "" : target.slice(0, target.lastIndexOf("."));
  const siblings = place.siblingsOf(statement);
  const makes = siblings.findIndex((s) => {
    const found = assigned(tree, s);
    return found?.target === local && /^(threading\.)?local\(\)$/.test(tree.source(found.value));
  });
  if (local === "" || makes < 0) return undefined;
  const made = siblings[makes]!;
  const settings: { name: string; value: number; statement: number }[] = [];
  for (const next of siblings.slice(makes + 1)) {
    const found = assigned(tree, next);
    if (found === undefined || !found.target.startsWith(`${local}.`)) break;
    const name = found.target.slice(local.length + 1);
    if (!/^\w+$/.test(name) || !isCheapValue(tree, found.value)) return undefined;
    settings.push({ name, value: found.value, statement: next });
  }
  if (!settings.some((s) => s.statement === statement)) return undefined;
  if (![made, ...settings.map((s) => s.statement)].every((s) => place.ownsLines(s))) return undefined;
  const top = topLevel(tree, made);
  if (functionAround(tree, top) !== 0 || !source.isFirstOnLine(tree.start(top))) return undefined;
  const words = lastName(local).replace(/^_+/, "").split("_");
  const name = freshName(tree, `_${words.map((w) => w.slice(0, 1).toUpperCase() + w.slice(1)).join("")}`);
  const { eol, unit } = source;
  const base = tree.source(assigned(tree, made)!.value).replace(/\(\)$/, "");
  const lines = [
    `class ${name}(${base}):`,
    `${unit}def __init__(self):`,
    ...settings.map((s) => `${unit}${unit}self.${s.name} = ${tree.source(s.value)}`),
  ];
  const value = assigned(tree, made)!.value;
  const edits: TextEdit[] = [
    source.insert(tree.start(top), gapAbove(source, tree.start(top)) + lines.join(eol) + eol + eol + eol),
    source.replace(tree.start(value), tree.end(value), `${name}()`),
    ...settings.map((s) => {
      const start = source.lineStart(tree.start(s.statement));
      const newline = source.text.indexOf("\n", tree.end(s.statement));
      return source.replace(start, newline < 0 ? source.text.length : newline + 1, "");
    }),
  ];
  return place.fix(`Set it in every thread: a subclass \`${name}\` whose \`__init__\` does`, edits, true);
}

function assigned(tree: CompactTree, statement: number): { target: string; value: number } | undefined {
  const only = tree.firstChild(statement);
  if (tree.kind(statement) !== Kind.ExpressionStatement || tree.kind(only) !== Kind.Assignment)
    return undefined;
  const value = tree.child(only, Field.Right);
  return value === 0 ? undefined : { target: tree.source(tree.child(only, Field.Left)), value };
}

function topLevel(tree: CompactTree, node: number): number {
  let at = node;
  while (at > 0 && tree.parent(at) !== 0) at = tree.parent(at);
  return at;
}
