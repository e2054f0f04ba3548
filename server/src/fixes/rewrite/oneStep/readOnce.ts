// An attribute or global that is tested and then used: read it once into a local name, test and use that.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { executedNodes, isTarget, lastName } from "../../scopes.ts";
import { isBlock, type Place } from "../place.ts";
import { callsBetween, isPlain } from "../text/expressions.ts";
import { freshLocal } from "../text/localNames.ts";
import { leaves } from "./tryInstead.ts";

export function readOnce(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const used = usedExpression(place);
  if (used === 0 || !isPlain(tree, used)) return undefined;
  const wanted = tree.source(used);
  const statements = testAndUse(place, wanted);
  const [first] = statements;
  if (first === undefined || !source.isFirstOnLine(tree.start(first))) return undefined;
  const mentioned = [...executedNodes(tree, statements)].filter(
    (node) => tree.kind(node) === tree.kind(used) && tree.source(node) === wanted && isWhole(tree, node),
  );
  if (mentioned.some((node) => isTarget(tree, node))) return undefined;
  if (insideNested(tree, statements, wanted)) return undefined;
  const name = localName(place, wanted);
  const uses = mentioned.map((node) => source.replace(tree.start(node), tree.end(node), name));
  const begin = tree.start(mentioned[0]!);
  const isSame = mentioned.every((node) => !callsBetween(tree, statements, begin, tree.start(node)));
  const line = `${name} = ${wanted}${source.eol}${source.indentAt(tree.start(first))}`;
  return place.fix(
    `Read \`${wanted}\` once, into \`${name}\`, and test and use that (the object itself may be out of use by then)`,
    [source.insert(tree.start(first), line), ...uses],
    isSame && isEvaluatedFirst(tree, first, mentioned[0]!),
  );
}

/** What is tested for None: in `self.sock.sendall` it is `self.sock`. */
function usedExpression(place: Place): number {
  const { tree } = place;
  const symbol = lastName(place.finding.symbol);
  let at = place.node;
  while (at !== 0 && !(lastName(tree.source(at)) === symbol && /^[\w.]+$/.test(tree.source(at)))) {
    const kind = tree.kind(at);
    if (kind === Kind.Call) at = tree.child(at, Field.Function);
    else if (kind === Kind.Attribute) at = tree.child(at, Field.Object);
    else if (kind === Kind.Subscript) at = tree.child(at, Field.Value);
    else if (kind === Kind.Await) at = tree.firstChild(at);
    else return 0;
  }
  return at;
}

/** The statement with the test, and those behind it up to the use if the test only leaves; none for other shapes. */
function testAndUse(place: Place, wanted: string): number[] {
  const { tree } = place;
  const tests = (condition: number) => isTestOf(tree, condition, wanted);
  for (let at = place.statementOf(place.node); at > 0; ) {
    const kind = tree.kind(at);
    if (kind === Kind.FunctionDefinition || kind === Kind.ClassDefinition) return [];
    if (kind === Kind.IfStatement && tests(tree.child(at, Field.Condition))) return [at];
    const siblings = place.siblingsOf(at);
    const index = siblings.indexOf(at);
    for (let i = index - 1; i >= 0; i -= 1) {
      const before = siblings[i]!;
      if (tree.kind(before) === Kind.AssertStatement && tests(tree.firstChild(before))) {
        return siblings.slice(i, index + 1);
      }
      if (tree.kind(before) !== Kind.IfStatement || !tests(tree.child(before, Field.Condition))) continue;
      const isExit = leaves(tree, tree.childrenOf(before, Field.Consequence));
      return isExit && tree.child(before, Field.Alternative) === 0 ? siblings.slice(i, index + 1) : [];
    }
    if (kind !== Kind.IfStatement && hasBranch(tree, at, tests)) return [at];
    let up = tree.parent(at);
    while (up > 0 && !isBlock(tree.kind(tree.parent(up)))) {
      if (tree.kind(up) === Kind.ElifClause) return [];
      up = tree.parent(up);
    }
    if (up > 0 && tree.kind(up) === Kind.WhileStatement) return [];
    at = up;
  }
  return [];
}

/** Whether a condition asks if the object is there or of some type, and not for what it holds. */
function isTestOf(tree: CompactTree, condition: number, wanted: string): boolean {
  return [...executedNodes(tree, [condition])].some((node) => {
    if (tree.source(node) !== wanted || !isWhole(tree, node)) return false;
    const parent = tree.parent(node);
    switch (tree.kind(parent)) {
      case Kind.Attribute:
      case Kind.Subscript:
        return false;
      case Kind.ArgumentList:
        return /^(isinstance|hasattr|bool|callable)$/.test(
          tree.source(tree.child(tree.parent(parent), Field.Function)),
        );
      case Kind.ComparisonOperator:
        return !/\b(not\s+)?in\b/.test(tree.text.slice(tree.start(parent), tree.start(node)));
      default:
        return true;
    }
  });
}

/** `x.f() if x else None`, `x and x.f()`: the test stands in the statement itself. */
function hasBranch(tree: CompactTree, statement: number, tests: (condition: number) => boolean): boolean {
  const isSimple =
    tree.kind(statement) === Kind.ExpressionStatement || tree.kind(statement) === Kind.ReturnStatement;
  if (!isSimple) return false;
  return [...executedNodes(tree, [statement])].some((node) => {
    if (tree.kind(node) === Kind.BooleanOperator) return tests(tree.child(node, Field.Left));
    // The value, then the condition, then the other value.
    return tree.kind(node) === Kind.ConditionalExpression && tests(tree.children(node)[1]!);
  });
}

/** Not the attribute's own name in `self.sock`, nor a keyword of a call. */
function isWhole(tree: CompactTree, node: number): boolean {
  const parent = tree.parent(node);
  if (tree.kind(parent) === Kind.Attribute) return tree.field(node) !== Field.Attribute;
  if (tree.kind(parent) === Kind.KeywordArgument) return tree.field(node) !== Field.Name;
  return true;
}

/** A function or class made in between reads the place later, by its own rules. */
function insideNested(tree: CompactTree, statements: readonly number[], wanted: string): boolean {
  for (const node of executedNodes(tree, statements)) {
    const kind = tree.kind(node);
    const isScope = kind === Kind.FunctionDefinition || kind === Kind.Lambda || kind === Kind.ClassDefinition;
    if (isScope && tree.source(node).includes(wanted)) return true;
  }
  return false;
}

/** Nothing runs before the first read that the copy now comes before. */
function isEvaluatedFirst(tree: CompactTree, statement: number, read: number): boolean {
  return !callsBetween(tree, [statement], tree.start(statement), tree.start(read));
}

/** `sock` for `self._sock`, `idle_timer` for `self.idleTimer` where locals read like that; globals and modules keep their names. */
function localName({ tree, node }: Place, wanted: string): string {
  const words = lastName(wanted)
    .replace(/^_+|_+$/g, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2");
  const plain = words.toLowerCase() || "value";
  const isModule = new RegExp(`^[ \\t]*(import|from)\\b.*\\b${plain}\\b`, "m").test(tree.text);
  const free = isModule ? "" : freshLocal(tree, plain, node);
  return free === plain ? plain : freshLocal(tree, `current_${plain}`, node);
}
