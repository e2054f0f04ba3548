// The lock that is a default of a field of a dataclass or a class of attrs, and with that one for all objects, becomes one
// for each.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import { Refusal, type TextEdit, type TextFix } from "../../fix.ts";
import { fieldFunction } from "../../lock/dataclassField.ts";
import { importedMembers, memberImportedAs } from "../../lock/threadingImport.ts";
import { binds, decoratorsOf, lastName, nameOf } from "../../scopes.ts";
import { callOf } from "../caches/forwarding.ts";
import type { Place } from "../place.ts";
import { isConstant } from "../text/expressions.ts";

/** How the fields of a class are described. */
interface Fields {
  /** The keyword for what makes a value for each object. */
  readonly factory: "default_factory" | "factory";
  /** The keyword for taking part in comparisons. */
  readonly compare: "compare" | "eq";
  /** The decorator that reads them, as written. */
  readonly decorator: string;
}

/**
 * `lock: Lock = Lock()` becomes `field(default_factory=Lock, …)`, and so does a `default=Lock()` of a field. It stays a
 * parameter of `__init__`; it takes no part in comparisons, where one lock for all made no difference.
 */
export function lockPerObject(place: Place): TextFix | undefined {
  const { tree } = place;
  if (tree.kind(place.node) !== Kind.Call) return undefined;
  const statement = place.statementOf(place.node);
  const assignment = tree.firstChild(statement);
  const cls = tree.parent(tree.parent(statement));
  if (tree.kind(assignment) !== Kind.Assignment || cls <= 0 || tree.kind(cls) !== Kind.ClassDefinition)
    return undefined;
  const fields = fieldsOf(place, cls);
  const args = tree.childrenOf(place.node, Field.Arguments);
  // What an argument means may have changed when the factory runs.
  if (fields === undefined || !args.every((arg) => isConstant(tree, arg))) return undefined;
  const callee = tree.source(tree.child(place.node, Field.Function));
  const title = `Give each object its own \`${callee}\` (objects no longer wait for each other)`;
  const shared = `${nameOf(tree, cls)}.${tree.source(tree.child(assignment, Field.Left))}`;
  if (new RegExp(`\\b${shared.replace(".", "\\.")}\\b`).test(tree.text))
    return place.refused(title, `\`${shared}\` is used, and there would be no lock of the class.`);
  const factory = args.length === 0 ? callee : `lambda: ${tree.source(place.node)}`;
  const isWhole = tree.child(assignment, Field.Right) === place.node;
  const edits = isWhole
    ? newField(place, assignment, cls, fields, factory)
    : changedField(place, assignment, fields, factory);
  return edits && place.fix(title, edits, false);
}

function fieldsOf({ tree }: Place, cls: number): Fields | undefined {
  for (const { name } of decoratorsOf(tree, cls)) {
    if (lastName(name) === "dataclass")
      return { factory: "default_factory", compare: "compare", decorator: name };
    if (/(^|\.)(define|mutable|frozen|attrs)$|^attr\.(s|attributes)$/.test(name))
      return { factory: "factory", compare: "eq", decorator: name };
  }
  return undefined;
}

/** For a value without a description. */
function newField(
  place: Place,
  assignment: number,
  cls: number,
  { factory: keyword, compare, decorator }: Fields,
  factory: string,
): TextEdit[] | undefined {
  const { tree, source } = place;
  if (tree.child(assignment, Field.Type) === 0) return undefined;
  const field = compare === "compare" ? fieldFunction(source, cls) : attrsField(place, decorator);
  const start = tree.start(place.node);
  const head = source.text.slice(source.lineStart(start), start);
  const unit = source.unitOf(tree.parent(place.statementOf(place.node))) ?? source.unit;
  const args = [`${keyword}=${factory}`, "repr=False", `${compare}=False`];
  const text = callOf(head, field.expression, args, unit, source.eol).slice(head.length);
  return [...field.edits, source.replace(start, tree.end(place.node), text)];
}

/** How the file names the function that describes a field, where it names the decorator so. */
function attrsField(place: Place, decorator: string): { expression: string; edits: readonly TextEdit[] } {
  const module = decorator.slice(0, -lastName(decorator).length);
  if (module !== "")
    return { expression: module + (/\.(s|attributes)$/.test(decorator) ? "ib" : "field"), edits: [] };
  return importedField(place, decorator);
}

/** `from attrs import define` takes in `field`, if it has not yet. */
function importedField(
  { source, tree }: Place,
  decorator: string,
): { expression: string; edits: TextEdit[] } {
  const statements = tree.children(0);
  for (const statement of statements) {
    const isAttrs = ["attr", "attrs"].some(
      (module) => memberImportedAs(tree, statement, module, decorator) !== undefined,
    );
    if (!isAttrs) continue;
    const items = importedMembers(tree, statement);
    const known = items.find(({ name }) => name === "field");
    if (known !== undefined) return { expression: known.bound, edits: [] };
    if (binds(tree, statements, "field")) break;
    const next = items.find(({ name }) => name > "field");
    const { node } = next ?? items.at(-1)!;
    const isLinePerItem = source.isFirstOnLine(tree.start(node)) && items.length > 1;
    const gap = isLinePerItem ? source.eol + source.indentAt(tree.start(node)) : " ";
    const edit =
      next === undefined
        ? source.insert(tree.end(node), `,${gap}field`)
        : source.insert(tree.start(node), `field,${gap}`);
    return { expression: "field", edits: [edit] };
  }
  throw new Refusal("The function that describes a field has no name in this file.");
}

/** For the default in a description. */
function changedField(
  place: Place,
  assignment: number,
  { factory: keyword, compare }: Fields,
  factory: string,
): TextEdit[] | undefined {
  const { tree, source } = place;
  const isKeyword = tree.kind(tree.parent(place.node)) === Kind.KeywordArgument;
  const argument = isKeyword ? tree.parent(place.node) : place.node;
  const description = tree.parent(tree.parent(argument));
  if (tree.kind(description) !== Kind.Call || tree.child(assignment, Field.Right) !== description)
    return undefined;
  const args = tree.childrenOf(description, Field.Arguments);
  const given = args.map((arg) => tree.source(tree.child(arg, Field.Name)));
  const also = ["repr", compare].filter((name) => !given.includes(name)).map((name) => `${name}=False`);
  const isLinePerArgument = source.isFirstOnLine(tree.start(argument));
  const gap = isLinePerArgument ? source.eol + source.indentAt(tree.start(argument)) : " ";
  const isOneLine = !tree.source(description).includes("\n");
  const texts = args.flatMap((arg) =>
    arg === argument ? [`${keyword}=${factory}`, ...also] : [tree.source(arg)],
  );
  if (!isOneLine) {
    const text = [`${keyword}=${factory}`, ...also].join(`,${gap}`);
    return [source.replace(tree.start(argument), tree.end(argument), text)];
  }
  const start = tree.start(description);
  const head = source.text.slice(source.lineStart(start), start);
  const unit = source.unitOf(tree.parent(place.statementOf(place.node))) ?? source.unit;
  const callee = tree.source(tree.child(description, Field.Function));
  return [
    source.replace(
      start,
      tree.end(description),
      callOf(head, callee, texts, unit, source.eol).slice(head.length),
    ),
  ];
}
