// Private attributes that are set for the time of a call only: each thread keeps its own, in a `threading.local`.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import { bodyOf, executedNodes, functionAround, isTarget, nameOf } from "../../scopes.ts";
import { headOf, withoutLines } from "../criticalSection/heldUnit.ts";
import type { Place } from "../place.ts";
import { isConstant } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";
import { freshName } from "../text/localNames.ts";
import { classAround, initOf, isOwn, isPlainClass, usesOfAttribute } from "./ownAttributes.ts";

/** `self._depth` becomes `self._local.depth`, read with `getattr` and the value that `__init__` gave it. */
export function attributePerThread(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const cls = classAround(tree, place.node);
  const name = attributeOf(tree, place.node);
  if (cls === 0 || name === undefined || !isPlainClass(tree, cls)) return undefined;
  const uses = usesOfAttribute(tree, cls, name);
  if (uses === undefined || !isConstant(tree, uses.value)) return undefined;
  const statement = tree.parent(uses.made);
  const init = uses.isOfClass ? initOf(place, cls) : undefined;
  if (!place.ownsLines(statement) || (uses.isOfClass && init === undefined)) return undefined;
  // Set in another method, it may be meant to last.
  const setters = new Set(uses.stored.map((node) => functionAround(tree, node)));
  const isPair = [...setters].every((fn) => /^__(enter|exit)__$/.test(nameOf(tree, fn)));
  if (setters.size !== 1 && !isPair) return undefined;
  const member = moduleMember(source, "threading", "local");
  if (member === undefined) return undefined;
  const holder = freshName(tree, "_local");
  const own = name.replace(/^_+/, "");
  const object = (node: number) => tree.source(tree.child(node, Field.Object));
  const value = tree.source(uses.value);
  const made = `${holder} = ${member.expression}()`;
  const edits: TextEdit[] = [
    ...member.edits,
    // One for each object, as an attribute that each object sets for itself.
    ...(init !== undefined
      ? [withoutLines(place, statement), lineInInit(place, init, statement, made)]
      : [
          source.replace(
            tree.start(uses.made),
            tree.end(uses.made),
            `${object(tree.child(uses.made, Field.Left))}.${made}`,
          ),
        ]),
    ...uses.stored.map((node) =>
      source.replace(tree.start(node), tree.end(node), `${object(node)}.${holder}.${own}`),
    ),
    ...uses.read.map((node) =>
      source.replace(
        tree.start(node),
        tree.end(node),
        `getattr(${object(node)}.${holder}, "${own}", ${value})`,
      ),
    ),
  ];
  const fix = place.fix(
    `Keep \`${name}\` for each thread in a \`${member.expression}\` (threads no longer see what another one set)`,
    edits,
    false,
  );
  return { ...fix, isPreferred: false };
}

/** What replaces a line in the body of the class, with the comments that stand above that. */
function lineInInit(
  place: Place,
  { self, first }: { self: string; first: number },
  replaced: number,
  made: string,
): TextEdit {
  const { tree, source } = place;
  const indent = source.indentAt(tree.start(first));
  const comments = source.text.slice(headOf(place, replaced), tree.start(replaced)).split(/\r?\n/);
  const lines = [...comments.slice(0, -1).map((comment) => comment.trim()), `${self}.${made}`];
  return source.lineBefore(first, lines.join(source.eol + indent));
}

/** For flags that keep a call from running within itself: `if self._busy: return`, set, and reset in a `finally`. */
export function reentryGuardPerThread(place: Place): TextFix | undefined {
  const { tree } = place;
  const fn = functionAround(tree, place.node);
  const written = tree.source(place.node);
  if (fn === 0 || attributeOf(tree, place.node) === undefined) return undefined;
  const isReset = [...executedNodes(tree, bodyOf(tree, fn))].some(
    (node) =>
      tree.kind(node) === Kind.FinallyClause &&
      [...executedNodes(tree, [node])].some((n) => isTarget(tree, n) && tree.source(n) === written),
  );
  // What else is set meanwhile is all threads' one, and the flag may be what keeps them from it.
  const setsMore = [...executedNodes(tree, bodyOf(tree, fn))].some(
    (n) =>
      isTarget(tree, n) && tree.kind(n) === Kind.Attribute && isOwn(tree, n) && tree.source(n) !== written,
  );
  return isReset && !setsMore ? attributePerThread(place) : undefined;
}

/** The name of a private attribute of the method's own object. */
function attributeOf(tree: CompactTree, node: number): string | undefined {
  if (tree.kind(node) !== Kind.Attribute) return undefined;
  const name = tree.source(tree.child(node, Field.Attribute));
  return /^_(?!_)/.test(name) && isOwn(tree, node) ? name : undefined;
}
