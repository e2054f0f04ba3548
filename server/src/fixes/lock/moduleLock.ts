// A lock for a global: a global beside it.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal, type TextEdit } from "../fix.ts";
import { bindsLocally, isDocstring } from "../scopes.ts";
import type { LockOrder, NewLock } from "./lockChoice.ts";
import { importsOfLock } from "./lockImport.ts";
import { unusedName } from "./names.ts";

export function moduleLock(order: LockOrder): NewLock {
  const { source, code } = order;
  const wanted = `_${order.name}`;
  const isKnown = source.tree.children(0).some((s) => makesLock(source.tree, s, wanted));
  const trees = new Set([source.tree, ...code.map((one) => one.source.tree)]);
  const name = isKnown ? wanted : unusedName([...trees], wanted);
  for (const { fn, source: from } of isKnown ? code : []) {
    if (fn !== 0 && bindsLocally(from.tree, fn, name))
      throw new Refusal(`\`${name}\` means something else here.`);
  }
  const making = isKnown ? [] : [lineForGlobal(order, `${name} = ${order.cls.expression}()`)];
  const imports = importsOfLock(source, code, name);
  return {
    nameAt: ({ source: from, site }) =>
      from === source || site.receiver === undefined ? name : `${site.receiver}.${name}`,
    edits: [...making, ...imports],
    isKnown,
  };
}

/** Whether the statement is `name = …Lock()`. */
export function makesLock(tree: CompactTree, statement: number, name: string): boolean {
  const assignment = tree.kind(statement) === Kind.ExpressionStatement ? tree.firstChild(statement) : 0;
  if (assignment === 0 || tree.kind(assignment) !== Kind.Assignment) return false;
  if (tree.source(tree.child(assignment, Field.Left)) !== name) return false;
  return /(^|\.)R?Lock\(\)$/.test(tree.source(tree.child(assignment, Field.Right)));
}

function lineForGlobal(order: LockOrder, line: string): TextEdit {
  const { source, guard, cls } = order;
  const { tree, eol } = source;
  const definition = guard.definition?.start;
  const statements = tree.children(0);
  const index = statements.findIndex(
    (s) => definition !== undefined && tree.start(s) <= definition && definition < tree.end(s),
  );
  const home = statements[index];
  if (home === undefined) return afterImports(order, line);
  if (isCompound(tree, home)) {
    // Whether its branch runs or not, and before anything in it starts a thread.
    return tree.start(home) < cls.end ? afterImports(order, line) : source.lineBefore(home, line);
  }
  const documentation = statements[index + 1];
  const last = isDocstring(tree, documentation) ? documentation! : home;
  if (source.endOfStatementLine(last) < cls.end) return afterImports(order, line);
  const kind = tree.kind(home);
  const isDefinition =
    kind === Kind.FunctionDefinition || kind === Kind.ClassDefinition || kind === Kind.DecoratedDefinition;
  return isDefinition
    ? source.insert(source.endOfStatementLine(last), eol + eol + eol + line)
    : source.lineAfter(last, line);
}

/** For a global that only functions bind, or one that is bound before `threading` is there. */
function afterImports({ source, cls }: LockOrder, line: string): TextEdit {
  const { tree, eol } = source;
  const last = lastOfFirstImports(tree);
  const end = last === undefined ? -1 : source.endOfStatementLine(last);
  if (end >= cls.end) return source.insert(end, eol + eol + line);
  const added = cls.edits[0]?.newText;
  if (added === undefined || added.startsWith(eol)) return source.insert(cls.end, eol + eol + line);
  return source.insert(cls.end, line + added.slice(added.indexOf(eol)));
}

/** The last import before other code begins. */
function lastOfFirstImports(tree: CompactTree): number | undefined {
  let last: number | undefined;
  for (const statement of tree.children(0)) {
    const kind = tree.kind(statement);
    if (kind === Kind.ImportStatement || kind === Kind.ImportFromStatement) last = statement;
    else if (last !== undefined) break;
  }
  return last;
}

/** Whether the statement's own statements may run, or not, or several times. */
export function isCompound(tree: CompactTree, statement: number): boolean {
  switch (tree.kind(statement)) {
    case Kind.IfStatement:
    case Kind.ForStatement:
    case Kind.WhileStatement:
    case Kind.TryStatement:
    case Kind.WithStatement:
    case Kind.MatchStatement:
      return true;
    default:
      return false;
  }
}
