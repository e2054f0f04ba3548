// Locks that are made when they are first needed: made at once, where they are None now.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import { decoratorsOf, functionAround, isTarget, lastName, nameOf, parametersOf } from "../../scopes.ts";
import { isMethod } from "../criticalSection/sharedReads.ts";
import type { Place } from "../place.ts";
import { comparison, isConstant, mentionsOf, negated } from "../text/expressions.ts";
import { losesComment } from "../text/layout.ts";

/** `if self._lock is None: self._lock = Lock()`: made where it is None now. */
export function madeAtOnce(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const statement = place.statementOf(place.node);
  const assignment = tree.firstChild(statement);
  const test = tree.parent(tree.parent(statement));
  if (tree.kind(assignment) !== Kind.Assignment || test <= 0 || tree.kind(test) !== Kind.IfStatement)
    return undefined;
  const target = tree.source(tree.child(assignment, Field.Left));
  const made = tree.child(assignment, Field.Right);
  const isAlone = tree.children(tree.parent(statement)).length === 1;
  if (!isAlone || tree.child(test, Field.Alternative) !== 0 || !isMissing(tree, test, target))
    return undefined;
  const title = `Make it at once: \`${lastName(target)} = ${tree.source(made)}\` in place of None`;
  const isInert =
    tree.kind(made) === Kind.Call &&
    tree.childrenOf(made, Field.Arguments).every((arg) => isConstant(tree, argumentValue(tree, arg)));
  const stores = storesOf(tree, lastName(target)).filter((store) => store !== assignment);
  const [first, ...others] = stores;
  if (first === undefined || !isInert || tree.source(tree.child(first, Field.Right)) !== "None")
    return undefined;
  if (isLeftOut(place, first, lastName(target)))
    return place.refused(
      title,
      "Its objects are copied or pickled without the lock, and make it anew where they need it.",
    );
  if (others.length > 0)
    return place.refused(
      title,
      `\`${lastName(target)}\` is given other values, too; each would need a lock of its own.`,
    );
  if (isOfObject(tree, statement, target) !== (functionAround(tree, first) !== 0)) return undefined;
  if (!isMadeBefore(tree, first, made) || !place.ownsLines(test)) return undefined;
  if (losesComment(source, tree.start(test), tree.end(test), [])) return undefined;
  const gone = linesOf(place, test);
  if (gone === undefined) return undefined;
  const value = tree.child(first, Field.Right);
  const fn = functionAround(tree, first);
  const cost = fn === 0 ? "" : " (objects with locks cannot be pickled)";
  return place.fix(
    `${title}${cost}`,
    [source.replace(tree.start(value), tree.end(value), tree.source(made)), ...gone],
    false,
  );
}

function argumentValue(tree: CompactTree, argument: number): number {
  return tree.kind(argument) === Kind.KeywordArgument ? tree.child(argument, Field.Value) : argument;
}

function isMissing(tree: CompactTree, test: number, target: string): boolean {
  const condition = tree.child(test, Field.Condition);
  const compared = comparison(tree, condition);
  if (compared === undefined) return tree.source(negated(tree, condition)) === target;
  return (
    tree.source(compared.left) === target &&
    compared.operator === "is" &&
    tree.source(compared.right) === "None"
  );
}

/** An attribute of `self`, of which each object has its own; a class has one for all of them. */
function isOfObject(tree: CompactTree, statement: number, target: string): boolean {
  const method = functionAround(tree, statement);
  const isOfClass = decoratorsOf(tree, method).some(({ name }) => name === "classmethod");
  return !isOfClass && isMethod(tree, method) && target.startsWith(`${parametersOf(tree, method)[0]}.`);
}

/** The assignments to a variable or attribute of this name; deletions and loops count as none can be told apart. */
function storesOf(tree: CompactTree, name: string): number[] {
  const stores: number[] = [];
  for (let node = 1; node < tree.count; node += 1) {
    if (!isTarget(tree, node) || lastName(tree.source(node)) !== name) continue;
    const parent = tree.kind(tree.parent(node));
    if (parent === Kind.GlobalStatement || parent === Kind.Attribute) continue;
    stores.push(tree.parent(node));
  }
  return stores;
}

/** Whether the class, or anything in the file, leaves the attribute out by its name. */
function isLeftOut({ tree }: Place, first: number, name: string): boolean {
  if (mentionsOf(tree, name) === undefined) return true;
  for (let at = tree.parent(first); at > 0; at = tree.parent(at)) {
    if (tree.kind(at) !== Kind.ClassDefinition) continue;
    return /\bdef __(getstate|setstate|reduce|reduce_ex|copy|deepcopy)__\b/.test(tree.source(at));
  }
  return false;
}

/** In `__init__`, in the class body or in the module, behind the import of what it is made by. */
function isMadeBefore(tree: CompactTree, first: number, made: number): boolean {
  if (tree.kind(first) !== Kind.Assignment) return false;
  const fn = functionAround(tree, first);
  const isInit = fn !== 0 && tree.kind(fn) === Kind.FunctionDefinition && nameOf(tree, fn) === "__init__";
  if (!isInit && fn !== 0) return false;
  if (isInit) return tree.parent(tree.parent(tree.parent(first))) === fn;
  const root = /^\w+/.exec(tree.source(made))![0];
  return tree
    .children(0)
    .some(
      (s) => tree.end(s) <= tree.start(first) && new RegExp(`import\\b.*\\b${root}\\b`).test(tree.source(s)),
    );
}

/** Edits that take out the test, and the `global` in front of it that nothing needs any more. */
function linesOf(place: Place, test: number): TextEdit[] | undefined {
  const { tree, source } = place;
  const siblings = place.siblingsOf(test);
  const name = tree.source(
    tree.child(tree.firstChild(tree.childrenOf(test, Field.Consequence)[0]!), Field.Left),
  );
  const global = siblings.find(
    (s) => tree.kind(s) === Kind.GlobalStatement && tree.source(s) === `global ${name}` && place.ownsLines(s),
  );
  const removed = [...(global === undefined ? [] : [global]), test];
  if (siblings.length <= removed.length || !siblings.every((s) => source.isFirstOnLine(tree.start(s))))
    return undefined;
  return removed.map((statement) => {
    const start = source.lineStart(tree.start(statement));
    let end = source.text.indexOf("\n", tree.end(statement)) + 1;
    // No blank line is left at the head of a block.
    if (siblings.indexOf(statement) === removed.indexOf(statement))
      end += /^(?:[ \t]*\r?\n)*/.exec(source.text.slice(end))![0].length;
    return source.replace(start, end, "");
  });
}
