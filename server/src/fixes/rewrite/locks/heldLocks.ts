// Code about locks themselves: `with` in place of acquire and release, and a second look under the lock.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { executedNodes } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { isFreeOfEffects, isPlain, methodCall, rebinds } from "../text/expressions.ts";
import { reindented, statementsAt } from "../text/layout.ts";

/** `L.acquire()`, some statements, `L.release()` in one block. */
export function withInstead(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const call = methodCall(tree, place.node);
  const statement = place.statementOf(place.node);
  if (call?.name !== "acquire" || call.args.length > 0 || !isPlain(tree, call.receiver)) return undefined;
  if (tree.parent(place.node) !== statement || tree.kind(statement) !== Kind.ExpressionStatement)
    return undefined;
  const lock = tree.source(call.receiver);
  const title = `Hold it in a block: \`with ${lock}:\` (releases it when an exception passes too)`;
  const siblings = place.siblingsOf(statement);
  const from = siblings.indexOf(statement);
  const to = siblings.findIndex((s, i) => i > from && isRelease(tree, s, lock));
  if (to < 0) return undefined;
  const body = siblings.slice(from + 1, to);
  const touchesLock = [...executedNodes(tree, body)].some((node) => {
    const inner = methodCall(tree, node);
    return inner !== undefined && tree.source(inner.receiver) === lock && /acquire|release/.test(inner.name);
  });
  if (touchesLock) {
    return place.refused(title, `\`${lock}\` is released in between too; one block cannot say that.`);
  }
  if (body.length === 0 || rebinds(tree, body, [lock])) return undefined;
  const release = siblings[to]!;
  if (!body.every((s) => source.isFirstOnLine(tree.start(s)))) return undefined;
  if (!place.ownsLines(statement) || !place.ownsLines(release)) return undefined;
  const releaseEnd = source.lineEnd(tree.end(release));
  if (source.text.slice(tree.end(release), releaseEnd).trim() !== "") return undefined;
  const indent = source.indentAt(tree.start(statement));
  const first = firstCodeAfter(place, statement);
  const inside = source.text.slice(first, source.lineStart(tree.start(release))).trimEnd();
  const inner = reindented(source, first, first + inside.length, indent + source.unit);
  const head = source.lineStart(first);
  return place.fix(
    title,
    [
      source.replace(tree.start(statement), tree.end(statement), `with ${lock}:`),
      source.replace(head, releaseEnd, inner),
    ],
    false,
  );
}

/** The first code or comment on the lines behind a statement. */
function firstCodeAfter({ source, tree }: Place, statement: number): number {
  const line = source.lineEnd(tree.end(statement));
  return line + /^\s*/.exec(source.text.slice(line))![0].length;
}

function isRelease(tree: CompactTree, statement: number, lock: string): boolean {
  return tree.kind(statement) === Kind.ExpressionStatement && tree.source(statement) === `${lock}.release()`;
}

/** `if C:` outside, `with L:` inside, and no second look: the same test again under the lock. */
export function lookAgain(place: Place): TextFix | undefined {
  const { tree, source } = place;
  for (let at = place.statementOf(place.node); at > 0; at = place.statementOf(tree.parent(at))) {
    if (tree.kind(at) === Kind.FunctionDefinition) return undefined;
    if (tree.kind(at) !== Kind.WithStatement) continue;
    const head = tree.parent(tree.parent(at));
    const isOnly = tree.children(tree.parent(at)).length === 1;
    if (!isOnly || head <= 0 || tree.kind(head) !== Kind.IfStatement) return undefined;
    if (tree.field(tree.parent(at)) !== Field.Consequence) return undefined;
    const condition = tree.child(head, Field.Condition);
    if (!isFreeOfEffects(tree, condition) || !isFreeOfEffects(tree, withItem(tree, at))) return undefined;
    const body = tree.childrenOf(at, Field.Body);
    const first = body[0]!;
    if (!source.isFirstOnLine(tree.start(first))) return undefined;
    const indent = source.indentAt(tree.start(first));
    const inner = statementsAt(source, body, indent + source.unit);
    const test = tree.source(condition);
    const end = source.lineEnd(tree.end(body.at(-1)!));
    const text = `if ${test}:${source.eol}${inner}`;
    return place.fix(
      `Test again under the lock: \`if ${test.replace(/\s+/g, " ")}:\``,
      [source.replace(tree.start(first), end, text)],
      true,
    );
  }
  return undefined;
}

function withItem(tree: CompactTree, statement: number): number {
  const clause = tree.children(statement).find((c) => tree.kind(c) === Kind.WithClause) ?? 0;
  const items = tree.children(clause);
  return items.length === 1 ? tree.child(items[0]!, Field.Value) || tree.firstChild(items[0]!) : clause;
}
