// Writes down which lock guards data, `# guarded-by: _lock`, where the data is first assigned.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import type { Finding, GuardRequest } from "../findings/finding.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import type { TextFix } from "./fix.ts";
import { bodyOf, definitionIn, definitionNamedAt, executedNodes, nameOf, parametersOf } from "./scopes.ts";
import { Source, type Sources } from "./source.ts";

/**
 * The comment that declares the lock which most accesses of a location hold. From then on every access is checked.
 * @returns undefined when no lock is known, or no assignment is found to write it at
 */
export function declareGuard(finding: Finding, sources: Sources): TextFix | undefined {
  const { guard } = finding;
  if (guard?.existingLock === undefined || guard.existingLock === "" || guard.scope === "closure")
    return undefined;
  const path = guard.home?.path ?? finding.path;
  const tree = sources.tree(path);
  const statement = tree === undefined ? 0 : firstAssignment(tree, guard);
  if (tree === undefined || statement === 0) return undefined;
  const source = new Source(path, tree);
  const line = source.lineEnd(tree.end(statement));
  const code = tree.end(statement) + source.text.slice(tree.end(statement), line).trimEnd().length;
  if (/guarded-by/i.test(source.text.slice(tree.end(statement), line))) return undefined;
  const lock = guard.existingLock.replace(/^(self|cls)\./, "");
  return {
    title: `Declare that \`${lock}\` guards \`${finding.symbol}\`, and check every access`,
    edits: [source.replace(code, line, `  # guarded-by: ${lock}`)],
    isPreferred: false,
  };
}

/** The statement that gives the data its first value: in `__init__`, in the class body, or at the top level; else 0. */
function firstAssignment(tree: CompactTree, guard: GuardRequest): number {
  if (guard.scope === "module") return assignmentIn(tree, tree.children(0), guard.name);
  const cls = guard.home === undefined ? undefined : definitionNamedAt(tree, guard.home.start);
  if (cls === undefined) return 0;
  const body = bodyOf(tree, cls);
  for (const statement of body) {
    const method = definitionIn(tree, statement);
    if (method === 0 || tree.kind(method) !== Kind.FunctionDefinition || nameOf(tree, method) !== "__init__")
      continue;
    const self = parametersOf(tree, method)[0];
    const found = assignmentIn(tree, bodyOf(tree, method), `${self}.${guard.name}`);
    if (found !== 0) return found;
  }
  return assignmentIn(
    tree,
    body.filter((statement) => definitionIn(tree, statement) === 0),
    guard.name,
  );
}

function assignmentIn(tree: CompactTree, statements: readonly number[], target: string): number {
  for (const node of executedNodes(tree, statements)) {
    if (tree.kind(node) !== Kind.Assignment || tree.source(tree.child(node, Field.Left)) !== target) continue;
    const statement = tree.parent(node);
    if (tree.kind(statement) === Kind.ExpressionStatement) return statement;
  }
  return 0;
}
