// A lock that each object has for itself, around data that all of them share: one for all, in the class body.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import { blocksUnder, LocalCalls, takesLock } from "../../hazards/reentrance.ts";
import {
  bodyOf,
  decoratorsOf,
  definitionIn,
  executedNodes,
  functionAround,
  isDocstring,
  isTarget,
  lastName,
  nameOf,
  parametersOf,
} from "../../scopes.ts";
import { isMethod } from "../criticalSection/sharedReads.ts";
import type { Place } from "../place.ts";
import { mentionsOf } from "../text/expressions.ts";
import { losesComment } from "../text/layout.ts";

/** `self._lock = Lock()` in `__init__` moves to the class body. */
export function lockOfClass(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const method = functionAround(tree, place.node);
  const lock = isMethod(tree, method) ? lockHeld(place, method) : undefined;
  const made = lock === undefined ? undefined : madeOnceInInit(tree, lastName(lock));
  if (lock === undefined || made === undefined) return undefined;
  const name = lastName(lock);
  const { init, cls, statement, value } = made;
  const title = `One lock for all objects: \`${name} = ${value}\` in the class body (they take turns with each other)`;
  if (!isMade(tree, cls, value) || !place.ownsLines(statement)) return undefined;
  const again = takenAgain(tree, name);
  if (again !== undefined && !/RLock\(\)$/.test(value)) {
    return place.refused(
      title,
      `\`${again}\`, called under it, takes the lock of another object, and would then wait for itself.`,
    );
  }
  const line = `${name} = ${value}`;
  if (losesComment(source, tree.start(statement), source.lineEnd(tree.end(statement)), [])) return undefined;
  if (bodyOf(tree, init).length === 1) {
    // An `__init__` that made nothing but the lock goes with it.
    const isBare = parametersOf(tree, init).length === 1 && decoratorsOf(tree, init).length === 0;
    if (!isBare || losesComment(source, tree.start(init), tree.end(init), [])) return undefined;
    return place.fix(title, [source.replace(tree.start(init), tree.end(init), line)], false);
  }
  if (!source.isFirstOnLine(tree.start(statement))) return undefined;
  const next = source.text.indexOf("\n", tree.end(statement)) + 1;
  const gone = source.replace(source.lineStart(tree.start(statement)), next, "");
  return place.fix(title, [inBody(place, cls, line), gone], false);
}

/** A method that takes the lock and is called, of whichever object, by code that holds it. */
function takenAgain(tree: CompactTree, lock: string): string | undefined {
  const calls = new LocalCalls(tree);
  const takers = new Set<string>();
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.FunctionDefinition) continue;
    const takes = (fn: number) => takesLock(tree, bodyOf(tree, fn), lock);
    const region = { block: 0, statements: bodyOf(tree, node) };
    if (takes(node) || calls.reaches(region, takes) !== undefined) takers.add(nameOf(tree, node));
  }
  for (const node of executedNodes(tree, blocksUnder(tree, lock))) {
    if (tree.kind(node) !== Kind.Call) continue;
    const called = lastName(tree.source(tree.child(node, Field.Function)));
    if (takers.has(called)) return called;
  }
  return undefined;
}

/** `self._lock` of the `with` around the place. */
function lockHeld({ tree, node }: Place, method: number): string | undefined {
  const self = parametersOf(tree, method)[0];
  for (let at = tree.parent(node); at > method; at = tree.parent(at)) {
    if (tree.kind(at) !== Kind.WithStatement) continue;
    const clause = tree.children(at).find((c) => tree.kind(c) === Kind.WithClause) ?? 0;
    for (const item of tree.children(clause)) {
      const written = tree.source(tree.child(item, Field.Value) || tree.firstChild(item));
      if (/^\w+\.\w+$/.test(written) && written.startsWith(`${self}.`)) return written;
    }
  }
  return undefined;
}

interface Made {
  readonly cls: number;
  readonly init: number;
  readonly statement: number;
  /** `threading.Lock()` */
  readonly value: string;
}

/** The one assignment to the attribute in the file; nothing where others know the attribute by a string. */
function madeOnceInInit(tree: CompactTree, name: string): Made | undefined {
  const mentions = mentionsOf(tree, name) ?? [];
  const stores = mentions.filter((node) => tree.kind(node) === Kind.Attribute && isTarget(tree, node));
  const [store, ...more] = stores;
  if (store === undefined || more.length > 0) return undefined;
  const init = functionAround(tree, store);
  const assignment = tree.parent(store);
  const statement = tree.parent(assignment);
  const isDirect = isMethod(tree, init) && nameOf(tree, init) === "__init__";
  if (!isDirect || tree.kind(assignment) !== Kind.Assignment || !bodyOf(tree, init).includes(statement))
    return undefined;
  const value = tree.source(tree.child(assignment, Field.Right));
  let cls = tree.parent(init);
  while (tree.kind(cls) !== Kind.ClassDefinition) cls = tree.parent(cls);
  return /^([\w.]+\.)?R?Lock\(\)$/.test(value) ? { cls, init, statement, value } : undefined;
}

/** The class body runs earlier than `__init__`: what makes the lock has to be imported in front of it. */
function isMade(tree: CompactTree, cls: number, value: string): boolean {
  const root = /^\w+/.exec(value)![0];
  return tree
    .children(0)
    .some(
      (s) => tree.end(s) <= tree.start(cls) && new RegExp(`\\bimport\\b.*\\b${root}\\b`).test(tree.source(s)),
    );
}

/** Behind the attributes that the class begins with, else in front of its first method. */
function inBody({ tree, source }: Place, cls: number, line: string): TextEdit {
  const { eol } = source;
  const body = bodyOf(tree, cls);
  const method = body.findIndex((s) => definitionIn(tree, s) !== 0);
  const first = body[method]!;
  const indent = source.indentAt(tree.start(first));
  const before = body[method - 1];
  if (before === undefined) {
    return source.insert(source.lineBefore(first, "").start, indent + line + eol + eol);
  }
  const gap = isDocstring(tree, before) ? eol + eol : eol;
  return source.insert(source.endOfStatementLine(before), gap + indent + line);
}
