// Stacks of what is current: each thread pushes and pops one of its own, in a subclass of `threading.local`.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import { functionAround } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { methodCall } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";
import { gapAbove } from "../text/layout.ts";
import { freshName } from "../text/localNames.ts";
import { usesOfGlobal } from "./globalUses.ts";
import { classAround, isOwn, isPlainClass, usesOfAttribute } from "./ownAttributes.ts";

/** `self.contexts = []` becomes `self._local = _PerThread()`, whose `__init__` sets `contexts` in every thread. */
export function stackPerThread(place: Place): TextFix | undefined {
  const { tree } = place;
  const push = methodCall(tree, place.node);
  if (push === undefined) return undefined;
  return tree.kind(push.receiver) === Kind.Identifier
    ? ofModule(place, tree.source(push.receiver))
    : ofObject(place, push.receiver);
}

function ofModule(place: Place, name: string): TextFix | undefined {
  const { tree, source } = place;
  const uses = usesOfGlobal(tree, name);
  if (uses === undefined || uses.stores.length > 0 || uses.declared.length > 0) return undefined;
  // What the module pushes while it is imported, other threads would not find.
  if (!isEmpty(tree, uses.value) || uses.reads.some((read) => functionAround(tree, read) === 0))
    return undefined;
  const statement = tree.parent(uses.made);
  if (!place.ownsLines(statement)) return undefined;
  const attribute = name.replace(/^_+/, "");
  const local = freshName(tree, "_per_thread");
  const cls = classPerThread(place, attribute, tree.source(uses.value));
  if (cls === undefined) return undefined;
  const { eol } = source;
  const start = tree.start(statement);
  const text = `${gapAbove(source, start)}${cls.lines}${eol}${eol}${eol}${local} = ${cls.name}()`;
  const edits = [
    source.replace(start, tree.end(statement), text),
    ...uses.reads.map((read) => source.replace(tree.start(read), tree.end(read), `${local}.${attribute}`)),
  ];
  return fixOf(place, name, name, cls.edits.concat(edits));
}

function ofObject(place: Place, written: number): TextFix | undefined {
  const { tree, source } = place;
  const cls = classAround(tree, place.node);
  if (cls === 0 || tree.kind(written) !== Kind.Attribute || !isOwn(tree, written)) return undefined;
  const name = tree.source(tree.child(written, Field.Attribute));
  const uses = usesOfAttribute(tree, cls, name);
  // A class that others stand around could be named in between.
  const isAtTop = tree.parent(cls) === 0 || tree.parent(tree.parent(cls)) === 0;
  if (uses === undefined || uses.isOfClass || uses.stored.length > 0 || !isAtTop) return undefined;
  if (!isEmpty(tree, uses.value) || !isPlainClass(tree, cls)) return undefined;
  const attribute = name.replace(/^_+/, "");
  const holder = freshName(tree, "_local");
  const own = classPerThread(place, attribute, tree.source(uses.value));
  if (own === undefined) return undefined;
  const { eol } = source;
  const object = (node: number) => tree.source(tree.child(node, Field.Object));
  const left = tree.child(uses.made, Field.Left);
  const edits = [
    source.insert(source.lineBefore(cls, "").start, `${own.lines}${eol}${eol}${eol}`),
    source.replace(tree.start(uses.made), tree.end(uses.made), `${object(left)}.${holder} = ${own.name}()`),
    ...uses.read.map((read) =>
      source.replace(tree.start(read), tree.end(read), `${object(read)}.${holder}.${attribute}`),
    ),
  ];
  return fixOf(place, `self.${name}`, name, own.edits.concat(edits));
}

function fixOf(place: Place, written: string, name: string, edits: readonly TextEdit[]): TextFix {
  const isPublic = !name.startsWith("_");
  const cost = isPublic ? `; other files no longer find \`${name}\`` : "";
  const title = `Keep one \`${written}\` for each thread, in a \`threading.local\` (threads no longer see what another one pushed${cost})`;
  return { ...place.fix(title, edits, false), isPreferred: !isPublic };
}

/** The class whose `__init__` runs once in every thread that uses its object. */
function classPerThread(
  { tree, source }: Place,
  attribute: string,
  made: string,
): { name: string; lines: string; edits: TextEdit[] } | undefined {
  const member = moduleMember(source, "threading", "local");
  if (member === undefined) return undefined;
  const { eol, unit } = source;
  const name = freshName(tree, "_PerThread");
  const lines = [
    `class ${name}(${member.expression}):`,
    `${unit}def __init__(self):`,
    `${unit}${unit}self.${attribute} = ${made}`,
  ].join(eol);
  return { name, lines, edits: [...member.edits] };
}

/** A list or deque with nothing in it, which every thread can make for itself. */
function isEmpty(tree: CompactTree, value: number): boolean {
  return /^(\[\]|list\(\)|(collections\.)?deque\(\))$/.test(tree.source(value));
}
