// Fixes where an object is made: an iterator that serialises its callers, a lock that its holder may take again.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { lastName } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { moduleMember } from "../text/imported.ts";

/** `threading.serialize_iterator(it)`, new in 3.15. */
export function serializedIterator(place: Place): TextFix | undefined {
  const { tree, source } = place;
  if (place.target !== "3.15") return undefined;
  const made = onlyAssignment(tree, lastName(place.finding.symbol));
  const member = moduleMember(source, "threading", "serialize_iterator");
  if (made === 0 || member === undefined) return undefined;
  const kind = tree.kind(made);
  const inside =
    kind === Kind.GeneratorExpression ? tree.source(made).slice(1, -1).trim() : tree.source(made);
  const isTuple = kind === Kind.Tuple || kind === Kind.ExpressionList || kind === Kind.Yield;
  if (isTuple || tree.source(made).includes("serialize_iterator")) return undefined;
  const text = `${member.expression}(${inside})`;
  return place.fix(
    `Let threads take turns: \`${member.expression}\` around the iterator (a lock for every element)`,
    [...member.edits, source.replace(tree.start(made), tree.end(made), text)],
    true,
  );
}

/** `Lock()` to `RLock()`, for a lock that is taken again by its holder. */
export function reentrantLock(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const made = lockTakenAgain(place);
  if (made === 0) return undefined;
  const callee = tree.source(tree.child(made, Field.Function));
  const member = callee === "Lock" ? moduleMember(source, "threading", "RLock") : undefined;
  if (callee === "Lock" && member === undefined) return undefined;
  const text = member === undefined ? callee.replace(/Lock$/, "RLock") : member.expression;
  return place.fix(
    "Let its holder take it again: `RLock` in place of `Lock` (a little slower; the data may be half changed then)",
    [...(member?.edits ?? []), source.replace(tree.start(made), tree.end(made), `${text}()`)],
    false,
  );
}

/** The same for a finaliser or a signal handler, which its holder may have to let in between any two steps. */
export function interruptibleLock(place: Place): TextFix | undefined {
  const fix = reentrantLock(place);
  return fix && { ...fix, isPreferred: false };
}

/** The call that makes the lock that the finding is about, if the file makes one of that name; else 0. */
function lockTakenAgain({ finding, tree }: Place): number {
  const name = lastName(finding.symbol);
  const made = onlyAssignment(tree, name);
  // Before 3.14 an `RLock` does not tell whether it is taken.
  const isAsked = new RegExp(`\\b${name}\\.locked\\(`).test(tree.text);
  return made !== 0 && !isAsked && /^(\w+\.)?Lock\(\)$/.test(tree.source(made)) ? made : 0;
}

/** The value of the one assignment to the name in the file; 0 for none and several. */
function onlyAssignment(tree: CompactTree, name: string): number {
  let found = 0;
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Assignment) continue;
    if (lastName(tree.source(tree.child(node, Field.Left))) !== name) continue;
    const value = tree.child(node, Field.Right);
    if (found !== 0 || value === 0) return 0;
    found = value;
  }
  return found;
}
