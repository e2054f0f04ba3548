// "Iterate over a snapshot": the loop runs over a copy that CPython makes in one step.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import { compatibilityViews } from "../../facts/views.ts";
import type { Finding, GuardSite, SourceRange } from "../../findings/finding.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import type { TextEdit, TextFix } from "../fix.ts";
import { withTidyImports } from "../rewrite/text/tidyImports.ts";
import { Source } from "../source.ts";

type Snapshot = NonNullable<GuardSite["snapshot"]>;

const repaired = new Set(["iterate-shared-container", "unsafe-snapshot"]);

export function iterateSnapshot(finding: Finding, tree: CompactTree): TextFix | undefined {
  const snapshot = finding.guard?.snapshot;
  if (snapshot === undefined || !repaired.has(finding.rule)) return undefined;
  const { path, range } = finding;
  if (isEmptiedBehind(tree, tree.enclosing(range.start, range.end))) return undefined;
  const tuple = snapshot === "itself" ? iteratedTuple(tree, range) : 0;
  if (tuple !== 0) {
    return {
      title: "Iterate over a snapshot made by `list`, which takes one step, in place of `tuple`",
      edits: [{ path, start: tree.start(tuple), end: tree.end(tuple), newText: "list" }],
      isPreferred: true,
    };
  }
  const copy = copied(tree.text.slice(range.start, range.end), snapshot);
  return {
    title: `Iterate over a snapshot: \`${copy.replace(/\s+/g, " ")}\` (copies it each time)`,
    edits: withTidyImports(new Source(path, tree), edits(path, range, tree.text, snapshot)),
    isPreferred: true,
  };
}

/** The `tuple` of `for x in tuple(d.values())`, which nobody sees but the loop; not where `list` would meet an iterator. */
function iteratedTuple(tree: CompactTree, { start, end }: SourceRange): number {
  if (viewInstead(tree.text.slice(start, end)) !== undefined) return 0;
  let call = tree.enclosing(start, end);
  if (tree.start(call) === start && tree.end(call) === end) call = tree.parent(call);
  if (tree.kind(call) === Kind.ArgumentList) call = tree.parent(call);
  if (tree.kind(call) !== Kind.Call || tree.childrenOf(call, Field.Arguments).length !== 1) return 0;
  const name = tree.child(call, Field.Function);
  const loop = tree.kind(tree.parent(call));
  const isIterated = loop === Kind.ForStatement || loop === Kind.ForInClause;
  return isIterated && tree.field(call) === Field.Right && tree.source(name) === "tuple" ? name : 0;
}

/** `for x in d: …`, then `d.clear()` or `d = {}`: what comes in between would be thrown away after the copy, too. */
function isEmptiedBehind(tree: CompactTree, iterated: number): boolean {
  let loop = iterated;
  while (loop > 0 && tree.kind(loop) !== Kind.ForStatement) loop = tree.parent(loop);
  const next = loop > 0 ? tree.next(loop) : 0;
  if (next <= 0 || tree.kind(next) !== Kind.ExpressionStatement) return false;
  const container = tree.source(iterated).replace(/\.(items|keys|values)\(\)$/, "");
  const statement = tree.source(next);
  return statement === `${container}.clear()` || statement.startsWith(`${container} = `);
}

/** The same for one of several places; nothing where the copy is made already. */
export function snapshotEdits({ path, access, snapshot }: GuardSite, text: string): TextEdit[] {
  const isCopied = /\blist\(\s*$/.test(text.slice(Math.max(0, access.start - 20), access.start));
  return snapshot === undefined || isCopied ? [] : edits(path, access, text, snapshot);
}

function edits(path: string, range: SourceRange, text: string, snapshot: Snapshot): TextEdit[] {
  const { start, end } = range;
  const written = text.slice(start, end);
  const copy = copied(written, snapshot);
  const at = copy.indexOf(written);
  if (at < 0) return [{ path, start, end, newText: copy }];
  return [
    { path, start, end: start, newText: copy.slice(0, at) },
    { path, start: end, end, newText: copy.slice(at + written.length) },
  ];
}

function copied(written: string, snapshot: Snapshot): string {
  return `list(${viewInstead(written) ?? written}${snapshot === "keys" ? ".keys()" : ""})`;
}

/** `six.iteritems(d)` is an iterator, which `list` asks for one element after the other; `d.items()` is copied in one step. */
function viewInstead(written: string): string | undefined {
  const [, name, of] = /^(?:\w+\.)*(\w+)\(\s*([\w.]+)\s*\)$/.exec(written) ?? [];
  const view = name === undefined ? undefined : compatibilityViews.get(name);
  return view === undefined ? undefined : `${of}.${view}()`;
}
