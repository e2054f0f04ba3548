// Locks and context variables that a function makes anew each time: made once, in front of it.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import {
  binds,
  bodyOf,
  executedNodes,
  functionAround,
  isDocstring,
  nameOf,
  parametersOf,
} from "../../scopes.ts";
import type { Place } from "../place.ts";
import { isConstant, isVariable } from "../text/expressions.ts";
import { reindented } from "../text/layout.ts";
import { freshName } from "../text/localNames.ts";

/** `with threading.Lock():` and `lock = Lock()` in a function. */
export function lockOfModule(place: Place): TextFix | undefined {
  return hoisted(place, true, (name) => `Make one lock for all calls: \`${name}\`, in front of the function`);
}

/** `user = ContextVar("user")` in a function. */
export function contextVariableOfModule(place: Place): TextFix | undefined {
  return hoisted(place, false, (name) => `Make the variable once: \`${name}\`, in front of the function`);
}

function hoisted(place: Place, isLock: boolean, title: (name: string) => string): TextFix | undefined {
  const { tree, source } = place;
  const call = tree.kind(place.node) === Kind.Call ? place.node : tree.parent(place.node);
  const fn = functionAround(tree, call);
  if (tree.kind(call) !== Kind.Call || tree.kind(fn) !== Kind.FunctionDefinition) return undefined;
  if (!tree.childrenOf(call, Field.Arguments).every((arg) => isConstantArgument(tree, arg))) return undefined;
  const root = /^\w+/.exec(tree.source(call))![0];
  if (parametersOf(tree, fn).includes(root)) return undefined;
  const top = topLevel(place, fn);
  if (top === 0 || functionAround(tree, fn) !== 0 || !source.isFirstOnLine(tree.start(top))) return undefined;
  const target = tree.parent(call);
  const statement = place.statementOf(call);
  const isLocal =
    tree.kind(target) === Kind.Assignment &&
    tree.parent(target) === statement &&
    tree.kind(tree.child(target, Field.Left)) === Kind.Identifier;
  const isItem = tree.kind(target) === Kind.WithItem;
  if (!isLocal && !isItem) return undefined;
  if (isLock && callsItself(tree, fn)) {
    return place.refused(
      title("one"),
      "The function calls itself, and would wait for the lock that it holds already.",
    );
  }
  const local = isLocal ? tree.source(tree.child(target, Field.Left)) : "lock";
  const shared = isLock ? undefined : sharedName(tree, local, tree.source(call));
  const name =
    shared?.name ?? freshName(tree, `_${nameOf(tree, fn).replace(/^_+/, "")}_${local.replace(/^_+/, "")}`);
  const { eol } = source;
  const made = `${name} = ${tree.source(call)}${eol}`;
  const edits = shared?.isMade === true ? [] : [inFrontOf(place, top, made)];
  if (isItem) {
    edits.push(source.replace(tree.start(call), tree.end(call), name));
  } else {
    const uses = [...allNodes(tree, fn)].filter((n) => tree.source(n) === local && isVariable(tree, n));
    const declared = uses.filter((n) => n !== tree.child(target, Field.Left));
    const siblings = tree.children(tree.parent(statement));
    if (siblings.length === 1 || !place.ownsLines(statement) || declared.some((n) => isStored(tree, n)))
      return undefined;
    const next = source.text.indexOf("\n", tree.end(statement)) + 1;
    edits.push(source.replace(source.lineStart(tree.start(statement)), next, ""));
    for (const use of name === local ? [] : declared)
      edits.push(source.replace(tree.start(use), tree.end(use), name));
  }
  return place.fix(title(name), edits, false);
}

/** A context variable keeps its name, so that the functions which made one each have one together. */
function sharedName(
  tree: CompactTree,
  local: string,
  made: string,
): { name: string; isMade: boolean } | undefined {
  const top = tree.children(0);
  const isMade = top.some(
    (statement) =>
      tree.kind(statement) === Kind.ExpressionStatement && tree.source(statement) === `${local} = ${made}`,
  );
  return isMade || !binds(tree, top, local) ? { name: local, isMade } : undefined;
}

function isConstantArgument(tree: CompactTree, argument: number): boolean {
  const value = tree.kind(argument) === Kind.KeywordArgument ? tree.child(argument, Field.Value) : argument;
  return isConstant(tree, value);
}

/** The statement of the module that the function belongs to. */
function topLevel({ tree }: Place, fn: number): number {
  let at = fn;
  while (at > 0 && tree.parent(at) !== 0) at = tree.parent(at);
  return at;
}

/** A line of its own above a definition, with the blank lines that formatters want below it, and below imports. */
function inFrontOf({ tree, source }: Place, top: number, line: string): TextEdit {
  const { eol, text } = source;
  const start = tree.start(top);
  const before = tree.children(0).findLast((s) => tree.end(s) <= start) ?? 0;
  const kind = tree.kind(before);
  const isBelowImports = kind === Kind.ImportStatement || kind === Kind.ImportFromStatement;
  if (isBelowImports && text.slice(tree.end(before), start) === eol.repeat(3))
    return source.insert(start - eol.length, line + eol);
  return source.insert(start, line + eol + eol);
}

function callsItself(tree: CompactTree, fn: number): boolean {
  const name = nameOf(tree, fn);
  return [...executedNodes(tree, bodyOf(tree, fn))].some(
    (node) =>
      tree.kind(node) === Kind.Call &&
      new RegExp(`^((self|cls)\\.)?${name}$`).test(tree.source(tree.child(node, Field.Function))),
  );
}

function* allNodes(tree: CompactTree, root: number): Iterable<number> {
  const end = tree.subtreeEnd(root);
  for (let node = root; node < end; node += 1) yield node;
}

function isStored(tree: CompactTree, node: number): boolean {
  return tree.kind(tree.parent(node)) === Kind.Assignment && tree.field(node) === Field.Left;
}

/** A method that gives its object a new lock each time: the line moves to `__init__`. */
export function lockOfObject(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const statement = place.statementOf(place.node);
  const assignment = tree.firstChild(statement);
  const method = functionAround(tree, statement);
  if (tree.kind(assignment) !== Kind.Assignment || method === 0) return undefined;
  const self = parametersOf(tree, method)[0];
  const target = tree.source(tree.child(assignment, Field.Left));
  if (self === undefined || !target.startsWith(`${self}.`) || !place.ownsLines(statement)) return undefined;
  if (tree.children(tree.parent(statement)).length === 1) return undefined;
  const init = tree
    .children(tree.parent(method))
    .find((s) => tree.kind(s) === Kind.FunctionDefinition && nameOf(tree, s) === "__init__");
  const body = init === undefined ? [] : bodyOf(tree, init);
  const first = isDocstring(tree, body[0]) ? body[1] : body[0];
  if (init === undefined || first === undefined || init === method) return undefined;
  if (parametersOf(tree, init)[0] !== self || !source.isFirstOnLine(tree.start(first))) return undefined;
  const next = source.text.indexOf("\n", tree.end(statement)) + 1;
  const line = reindented(source, tree.start(statement), tree.end(statement), "");
  return place.fix(
    `Make \`${target}\` once, in \`__init__\``,
    [
      source.replace(source.lineStart(tree.start(statement)), next, ""),
      source.insert(tree.start(first), line + source.eol + source.indentAt(tree.start(first))),
    ],
    false,
  );
}
