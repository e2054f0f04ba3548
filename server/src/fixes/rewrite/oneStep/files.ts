// Paths that are tested for existence first: the call itself can say what to do about an existing or missing one.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import type { Place } from "../place.ts";
import { isPlain, methodCall, negated } from "../text/expressions.ts";
import { reindented } from "../text/layout.ts";

/** `if not exists(p): makedirs(p)`, `if exists(p): remove(p)`, and their like on `Path`. */
export function pathInOneStep(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const statement = place.statementOf(place.node);
  const head = tree.parent(tree.parent(statement));
  const call = methodCall(tree, place.node);
  if (head <= 0 || tree.kind(head) !== Kind.IfStatement || tree.kind(place.node) !== Kind.Call)
    return undefined;
  if (tree.parent(place.node) !== statement || tree.child(head, Field.Alternative) !== 0) return undefined;
  if (tree.children(tree.parent(statement)).length !== 1 || !place.ownsLines(head)) return undefined;
  const condition = tree.child(head, Field.Condition);
  const inner = negated(tree, condition);
  const test = /^(?:os\.path\.)?(?:exists|isdir|isfile)\((.+)\)$|^(.+)\.(?:exists|is_dir|is_file)\(\)$/s.exec(
    tree.source(inner === 0 ? condition : inner),
  );
  const path = test?.[1] ?? test?.[2];
  const callee = tree.source(tree.child(place.node, Field.Function));
  const args = tree.childrenOf(place.node, Field.Arguments);
  const ofPath = call !== undefined && tree.source(call.receiver) === path;
  const isSame = ofPath || (args[0] !== undefined && tree.source(args[0]) === path && isPlain(tree, args[0]));
  if (path === undefined || !isSame || hasComment(place, head, statement)) return undefined;
  const close = tree.end(place.node) - 1;
  const unwrapped = (extra: string) => {
    const separator = args.length === 0 ? "" : ", ";
    const text = source.text.slice(tree.start(statement), close) + separator + extra;
    return [source.replace(tree.start(head), tree.end(statement), `${text})`)];
  };
  if (inner !== 0) {
    if (/^(os\.)?mkdir$/.test(callee)) {
      const edits = tried(place, head, statement, "FileExistsError");
      return place.fix("Make it, and expect `FileExistsError`", edits, false);
    }
    const makes = (ofPath && call.name === "mkdir") || /^(os\.)?makedirs$/.test(callee);
    if (!makes || tree.source(place.node).includes("exist_ok")) return undefined;
    const title = "Make it unless it exists: `exist_ok=True` (raises if a file stands there)";
    return place.fix(title, unwrapped("exist_ok=True"), false);
  }
  if (ofPath && call.name === "unlink" && args.length === 0) {
    const title = "Remove it if it is there: `missing_ok=True`";
    return place.fix(title, unwrapped("missing_ok=True"), false);
  }
  if (!/^(os\.)?(remove|unlink)$/.test(callee)) return undefined;
  const edits = tried(place, head, statement, "FileNotFoundError");
  return place.fix("Remove it, and expect `FileNotFoundError`", edits, false);
}

function tried({ tree, source }: Place, head: number, statement: number, exception: string): TextEdit[] {
  const { eol, unit } = source;
  const indent = source.indentAt(tree.start(head));
  const body = reindented(source, tree.start(statement), tree.end(statement), indent + unit);
  const lines = ["try:", body, `${indent}except ${exception}:`, `${indent}${unit}pass`];
  return [source.replace(tree.start(head), tree.end(statement), lines.join(eol))];
}

function hasComment({ tree, source }: Place, head: number, statement: number): boolean {
  return /#/.test(source.text.slice(tree.end(tree.child(head, Field.Condition)), tree.start(statement)));
}
