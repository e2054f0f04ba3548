// State that is set for the time of a call and then put back: a context variable, of which each thread has its own.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import { functionAround, isTarget } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { undeclared } from "../text/declarations.ts";
import { isConstant } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";
import { freshLocal } from "../text/localNames.ts";
import { type GlobalUses, usesOfGlobal } from "./globalUses.ts";

interface Span {
  /** `previous = name`, and the identifiers of it. */
  readonly saved: number;
  readonly read: number;
  /** `name = value` and `name = previous`. */
  readonly set: number;
  readonly restored: number;
}

/** `old = user; user = new; …; user = old` becomes `token = user.set(new); …; user.reset(token)`. */
export function contextInstead(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const name = tree.source(place.node);
  if (tree.kind(place.node) !== Kind.Identifier) return undefined;
  const uses = usesOfGlobal(tree, name);
  if (uses === undefined || !isConstant(tree, uses.value) || !place.ownsLines(tree.parent(uses.made)))
    return undefined;
  const spans = spansOf(place, uses);
  if (spans === undefined) return undefined;
  const { value } = uses;
  const member = moduleMember(source, "contextvars", "ContextVar");
  if (member === undefined) return undefined;
  const saving = new Set(spans.map(({ read }) => read));
  const edits: TextEdit[] = [
    ...member.edits,
    source.replace(
      tree.start(value),
      tree.end(value),
      `${member.expression}("${name}", default=${tree.source(value)})`,
    ),
    ...uses.declared.map((declared) => undeclared(source, declared)),
    ...uses.reads.filter((read) => !saving.has(read)).map((read) => source.insert(tree.end(read), ".get()")),
    ...spans.flatMap((span) => editsOf(place, name, span)),
  ];
  return place.fix(
    `Keep \`${name}\` in a \`${member.expression}\` (each thread has its own; other modules read \`${name}.get()\`)`,
    edits,
    false,
  );
}

function editsOf(place: Place, name: string, { saved, set, restored }: Span): TextEdit[] {
  const { tree, source } = place;
  const token = freshLocal(tree, "token", set);
  const statement = tree.parent(saved);
  const value = tree.child(set, Field.Right);
  const end = source.text.indexOf("\n", tree.end(statement)) + 1;
  return [
    source.replace(source.lineStart(tree.start(statement)), end, ""),
    source.replace(tree.start(set), tree.start(value), `${token} = ${name}.set(`),
    source.insert(tree.end(value), ")"),
    source.replace(tree.start(restored), tree.end(restored), `${name}.reset(${token})`),
  ];
}

/** Undefined where a store belongs to no such span: it may be meant for all threads. */
function spansOf(place: Place, { stores, reads, declared }: GlobalUses): Span[] | undefined {
  const { tree } = place;
  const spans: Span[] = [];
  const functions = new Set(stores.map((store) => functionAround(tree, store)));
  for (const fn of functions) {
    const here = stores.filter((store) => functionAround(tree, store) === fn);
    const [set, restored] = here;
    if (set === undefined || restored === undefined || here.length !== 2) return undefined;
    const previous = tree.child(restored, Field.Right);
    const read = reads.find(
      (node) =>
        functionAround(tree, node) === fn &&
        tree.kind(tree.parent(node)) === Kind.Assignment &&
        tree.field(node) === Field.Right &&
        tree.source(tree.child(tree.parent(node), Field.Left)) === tree.source(previous),
    );
    if (read === undefined || tree.kind(previous) !== Kind.Identifier) return undefined;
    const saved = tree.parent(read);
    if (tree.start(saved) > tree.start(set) || !isAlone(tree, fn, saved, previous)) return undefined;
    const value = tree.child(set, Field.Right);
    // Between parentheses these mean something else, and what reads the name has an edit of its own there.
    if (tree.kind(value) === Kind.ExpressionList || tree.kind(value) === Kind.Yield) return undefined;
    // An exception on the way to the first store would leave nothing to put back.
    if (tree.parent(tree.parent(saved)) !== tree.parent(tree.parent(set))) return undefined;
    if (![saved, set, restored].every((node) => place.ownsLines(tree.parent(node)))) return undefined;
    spans.push({ saved, read, set, restored });
  }
  if (spans.length === 0) return undefined;
  return declared.every((node) => functions.has(functionAround(tree, node)) && isOnLine(place, node))
    ? spans
    : undefined;
}

function isOnLine(place: Place, declared: number): boolean {
  return place.ownsLines(place.tree.parent(declared));
}

/** The local name is for saving and restoring only. */
function isAlone(tree: CompactTree, fn: number, saved: number, previous: number): boolean {
  const name = tree.source(previous);
  for (let node = fn; node < tree.subtreeEnd(fn); node += 1) {
    if (tree.kind(node) !== Kind.Identifier || tree.source(node) !== name || node === previous) continue;
    if (!(isTarget(tree, node) && tree.parent(node) === saved)) return false;
  }
  return true;
}
