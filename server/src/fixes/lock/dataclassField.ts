// Dataclasses get their lock as a field that is no part of the constructor, the representation or comparisons.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import { Refusal, type TextEdit } from "../fix.ts";
import { assignedIn, binds, bodyOf, isDocstring, lastName } from "../scopes.ts";
import type { Source } from "../source.ts";
import type { LockOrder } from "./lockChoice.ts";
import { importedAs, memberImportedAs } from "./threadingImport.ts";

/** What black and ruff format allow a line. */
const longestLine = 88;

/** @param decorator source of the `dataclass` decorator */
export function dataclassField(order: LockOrder, owner: number, decorator: string, name: string): TextEdit[] {
  const { source, guard, cls } = order;
  const { tree } = source;
  if (/\binit\s*=\s*False/.test(decorator)) throw new Refusal("The dataclass has no generated `__init__`.");
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.Call) continue;
    const callee = tree.source(tree.child(node, Field.Function));
    if (/^(asdict|astuple)$/.test(lastName(callee))) {
      throw new Refusal(`\`${callee}()\` copies all fields of a dataclass and fails on a lock.`);
    }
  }
  const body = bodyOf(tree, owner);
  if (binds(tree, body, cls.root)) throw new Refusal(`\`${cls.root}\` means something else in the class.`);
  const field = fieldFunction(source, owner);
  const line = laidOut(source, owner, `${name}: ${cls.expression} = ${field.expression}(`, [
    `default_factory=${cls.expression}`,
    "init=False",
    "repr=False",
    "compare=False",
  ]);
  const home =
    body.find((s) => assignedIn(tree, s) === guard.name) ??
    body.findLast((s) => assignedIn(tree, s) !== undefined);
  const [first] = body;
  const after = home ?? (isDocstring(tree, first) ? first : undefined);
  const next = home === undefined ? 0 : tree.next(home);
  const last = next !== 0 && isDocstring(tree, next) ? next : after;
  const edit = last === undefined ? source.lineBefore(first!, line) : source.lineAfter(last, line);
  return [...field.edits, edit];
}

/** On one line where formatters leave it so, else with the arguments on a line of their own. */
function laidOut(source: Source, owner: number, head: string, args: readonly string[]): string {
  const { tree, eol } = source;
  const first = bodyOf(tree, owner)[0]!;
  const indent = source.indentAt(tree.start(first));
  const inner = `${indent}${source.unitOf(tree.parent(first)) ?? source.unit}`;
  const line = `${head}${args.join(", ")})`;
  if (indent.length + line.length <= longestLine) return line;
  const joined = inner + args.join(", ");
  if (joined.length <= longestLine) return `${head}${eol}${joined}${eol}${indent})`;
  return `${head}${eol}${args.map((arg) => `${inner}${arg},${eol}`).join("")}${indent})`;
}

/** How the file names `dataclasses.field` in the body of a class. */
export function fieldFunction(source: Source, owner: number): { expression: string; edits: TextEdit[] } {
  const { tree } = source;
  const statements = tree.children(0);
  let dataclassImport: number | undefined;
  for (const statement of statements) {
    const module = importedAs(tree, statement, "dataclasses");
    if (module !== undefined) return { expression: `${module}.field`, edits: [] };
    const member = memberImportedAs(tree, statement, "dataclasses", "field");
    if (member !== undefined) return { expression: member, edits: [] };
    if (memberImportedAs(tree, statement, "dataclasses", "dataclass") !== undefined)
      dataclassImport ??= statement;
  }
  const isTaken = binds(tree, statements, "field") || binds(tree, bodyOf(tree, owner), "field");
  if (dataclassImport === undefined || isTaken) {
    throw new Refusal("`dataclasses.field` has no name in this file.");
  }
  const items = tree.children(dataclassImport);
  const last = items.at(-1)!;
  const isLinePerItem = source.isFirstOnLine(tree.start(last)) && items.length > 1;
  const gap = isLinePerItem ? source.eol + source.indentAt(tree.start(last)) : " ";
  return { expression: "field", edits: [source.insert(tree.end(last), `,${gap}field`)] };
}
