// Which of the lock and snapshot fixes leave everything as it is in a program with one thread.
import { Kind } from "../../../grammars/python/symbols.ts";
import type { Finding } from "../findings/finding.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import type { TextFix } from "./fix.ts";
import { guardedCode } from "./region/guardedCode.ts";
import { executedNodes } from "./scopes.ts";
import { Source } from "./source.ts";

const runsOtherCode = new Set<Kind>([
  Kind.Call,
  Kind.Await,
  Kind.Yield,
  Kind.DeleteStatement,
  Kind.WithStatement,
  Kind.ImportStatement,
  Kind.ImportFromStatement,
  Kind.Decorator,
  Kind.Interpolation,
]);

/**
 * A lock that is a global of the same file, around code that calls nothing, cannot be met again by its own thread.
 * Locks on objects are not safe in this sense: they show in `vars()`, and objects with locks cannot be pickled.
 * @param fix the one that guards all that needs the lock, not a single place of several
 */
export function isSafeLock(finding: Finding, fix: TextFix, tree: CompactTree): boolean {
  const { guard, path } = finding;
  if (guard?.scope !== "module" || fix.disabled !== undefined) return false;
  const sites = guard.plan?.sites ?? [{ ...guard, path, access: finding.range }];
  if ([...sites, ...fix.edits].some((place) => place.path !== path)) return false;
  const source = new Source(path, tree);
  const regions = guardedCode(sites, () => source, guard).map(({ region }) => region);
  const starts = regions.map(({ statements }) => tree.start(statements[0]!));
  const held = fix.edits.filter(({ newText }) => /\bwith\b/.test(newText));
  if (!held.every((edit) => starts.includes(edit.end))) return false;
  return regions.every(({ statements }) =>
    [...executedNodes(tree, statements)].every((node) => !runsOtherCode.has(tree.kind(node))),
  );
}

/** A copy is the same to whoever reads it through at once; a loop's body could tell, if it runs other code. */
export function isSafeSnapshot(finding: Finding, tree: CompactTree): boolean {
  const node = tree.enclosing(finding.range.start, finding.range.end);
  for (let at = tree.parent(node), child = node; at > 0; child = at, at = tree.parent(at)) {
    switch (tree.kind(at)) {
      case Kind.ForInClause:
      case Kind.ForStatement: {
        const whole = tree.kind(at) === Kind.ForStatement ? at : tree.parent(at);
        const rest = tree.children(whole).filter((part) => part !== child && part !== at);
        return [...executedNodes(tree, rest)].every(
          (part) => !runsOtherCode.has(tree.kind(part)) && tree.kind(part) !== Kind.Subscript,
        );
      }
      case Kind.Call:
        return /^(list|tuple|set|frozenset|dict|sorted|sum|min|max|any|all)\(/.test(tree.source(at));
      case Kind.ArgumentList:
      case Kind.ParenthesizedExpression:
        continue;
      default:
        return false;
    }
  }
  return false;
}
