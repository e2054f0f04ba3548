// A lock that is the default of a dataclass field, and so one for all objects, becomes one for each.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import { fieldFunction } from "../dataclassField.ts";
import type { TextFix } from "../fix.ts";
import { decoratorsOf, lastName, nameOf } from "../scopes.ts";
import { isConstant } from "./expressions.ts";
import type { Place } from "./place.ts";

/**
 * `lock: Lock = Lock()` becomes `field(default_factory=Lock, …)`. It stays a parameter of `__init__`; it takes no part
 * in comparisons, where one lock for all made no difference.
 */
export function lockPerObject(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const assignment = tree.parent(place.node);
  if (tree.kind(place.node) !== Kind.Call || tree.kind(assignment) !== Kind.Assignment) return undefined;
  if (tree.child(assignment, Field.Right) !== place.node || tree.child(assignment, Field.Type) === 0)
    return undefined;
  const cls = tree.parent(tree.parent(place.statementOf(assignment)));
  if (cls <= 0 || tree.kind(cls) !== Kind.ClassDefinition) return undefined;
  if (!decoratorsOf(tree, cls).some(({ name }) => lastName(name) === "dataclass")) return undefined;
  const callee = tree.source(tree.child(place.node, Field.Function));
  const args = tree.childrenOf(place.node, Field.Arguments);
  // What an argument means may have changed when the factory runs.
  if (!args.every((arg) => isConstant(tree, arg))) return undefined;
  const title = `Give each object its own \`${callee}\` (objects no longer wait for each other)`;
  const shared = `${nameOf(tree, cls)}.${tree.source(tree.child(assignment, Field.Left))}`;
  if (new RegExp(`\\b${shared.replace(".", "\\.")}\\b`).test(tree.text))
    return place.refused(title, `\`${shared}\` is used, and there would be no lock of the class.`);
  const factory = args.length === 0 ? callee : `lambda: ${tree.source(place.node)}`;
  const field = fieldFunction(source, cls);
  const text = `${field.expression}(default_factory=${factory}, repr=False, compare=False)`;
  const edit = source.replace(tree.start(place.node), tree.end(place.node), text);
  return place.fix(title, [...field.edits, edit], false);
}
