// `self.n += 1; return self.n` hands out numbers: `next` of an `itertools.count` does it in one step.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { functionAround, lastName } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { mentionsOf } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";
import { losesComment } from "../text/layout.ts";

export function countInstead(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const statement = place.statementOf(place.node);
  const update = tree.firstChild(statement);
  if (tree.kind(update) !== Kind.AugmentedAssignment) return undefined;
  const target = tree.child(update, Field.Left);
  const step = tree.child(update, Field.Right);
  const written = tree.source(target);
  if (!/^(self\.)?\w+$/.test(written) || tree.source(step) !== "1") return undefined;
  if (tree.text.slice(tree.end(target), tree.start(step)).trim() !== "+=") return undefined;
  const use = tree.next(statement);
  if (use === 0 || tree.kind(use) !== Kind.ReturnStatement || tree.source(tree.firstChild(use)) !== written)
    return undefined;
  const first = firstNumber(tree, lastName(written), [target, tree.firstChild(use)]);
  if (first === undefined) return undefined;
  // A default in the class body would be one counter for all objects.
  if (written.startsWith("self.") && functionAround(tree, first) === 0) return undefined;
  if (!source.isFirstOnLine(tree.start(statement)) || !place.ownsLines(use)) return undefined;
  if (losesComment(source, tree.start(statement), tree.start(use), [])) return undefined;
  const member = moduleMember(source, "itertools", "count");
  if (member === undefined) return undefined;
  const start = Number(tree.source(first)) + 1;
  return place.fix(
    `Draw numbers from \`${member.expression}(${start})\` with \`next\` (\`${written}\` is no number any more)`,
    [
      ...member.edits,
      source.replace(tree.start(first), tree.end(first), `${member.expression}(${start})`),
      source.replace(tree.start(statement), tree.end(use), `return next(${written})`),
    ],
    false,
  );
}

/** The integer that the counter begins with, if nothing in the file uses the counter but this and the given places. */
function firstNumber(tree: CompactTree, name: string, known: readonly number[]): number | undefined {
  const mentions = mentionsOf(tree, name);
  if (mentions === undefined) return undefined;
  let first: number | undefined;
  for (const whole of mentions) {
    if (known.includes(whole)) continue;
    const around = tree.parent(whole);
    if (tree.kind(around) === Kind.GlobalStatement) continue;
    const value = tree.kind(around) === Kind.Assignment ? tree.child(around, Field.Right) : 0;
    const isStart =
      value !== 0 &&
      tree.field(whole) === Field.Left &&
      /^\d+$/.test(tree.source(value)) &&
      first === undefined;
    if (!isStart || tree.child(around, Field.Type) !== 0) return undefined;
    first = value;
  }
  return first;
}
