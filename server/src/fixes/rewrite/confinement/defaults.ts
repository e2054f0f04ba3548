// Objects made once that were meant to be made each time: defaults of parameters and classes.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { TextEdit, TextFix } from "../../fix.ts";
import {
  basesOf,
  bodyOf,
  decoratorsOf,
  functionAround,
  isDocstring,
  lastName,
  nameOf,
  parametersOf,
} from "../../scopes.ts";
import { oneLine } from "../oneStep/tryInstead.ts";
import type { Place } from "../place.ts";
import { isCheapValue } from "../text/expressions.ts";

/** `def f(found=[])` becomes `found=None`, with a new list where none is given. */
export function defaultPerCall(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const name = /^\w+/.exec(tree.source(place.node))?.[0];
  for (let fn = functionAround(tree, place.node); fn > 0; fn = functionAround(tree, fn)) {
    const parameter = tree
      .childrenOf(fn, Field.Parameters)
      .find((p) => tree.child(p, Field.Value) !== 0 && tree.source(tree.child(p, Field.Name)) === name);
    if (parameter === undefined) continue;
    const value = tree.child(parameter, Field.Value);
    const body = bodyOf(tree, fn);
    const first = isDocstring(tree, body[0]) ? body[1] : body[0];
    if (tree.kind(fn) === Kind.Lambda || first === undefined || !isCheapValue(tree, value)) return undefined;
    if (!source.isFirstOnLine(tree.start(first))) return undefined;
    const indent = source.indentAt(tree.start(first));
    const { eol, unit } = source;
    const text = `if ${name} is None:${eol}${indent}${unit}${name} = ${tree.source(value)}${eol}${indent}`;
    const edits: TextEdit[] = [source.replace(tree.start(value), tree.end(value), "None")];
    const type = tree.child(parameter, Field.Type);
    if (type !== 0 && !/\bNone\b|\bOptional\b|["']/.test(tree.source(type)))
      edits.push(source.insert(tree.end(type), " | None"));
    return place.fix(
      `Make \`${oneLine(tree.source(value))}\` in each call (calls no longer share one)`,
      [...edits, source.insert(tree.start(first), text)],
      false,
    );
  }
  return undefined;
}

/** `class Bus: listeners = []` moves into `__init__`. */
export function defaultPerObject(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const attribute = lastName(place.finding.symbol);
  const cls = classAround(place);
  if (cls === 0 || decoratorsOf(tree, cls).some((d) => lastName(d.name) === "dataclass")) return undefined;
  const body = bodyOf(tree, cls);
  const found = body.filter((s) => assignedName(place, s) === attribute);
  const [statement] = found;
  if (statement === undefined || found.length !== 1 || !place.ownsLines(statement)) return undefined;
  const value = tree.child(tree.firstChild(statement), Field.Right);
  const type = tree.child(tree.firstChild(statement), Field.Type);
  if (!isCheapValue(tree, value) || (type !== 0 && /ClassVar/.test(tree.source(type)))) return undefined;
  const title = `Make \`${attribute}\` in \`__init__\`, one for each object (objects no longer share one)`;
  const className = nameOf(tree, cls);
  if (new RegExp(`\\b(${className}|cls)\\.${attribute}\\b`).test(tree.text)) {
    return place.refused(title, `\`${attribute}\` is used through the class too.`);
  }
  const methods = body.filter((s) => tree.kind(s) === Kind.FunctionDefinition);
  const init = methods.find((m) => nameOf(tree, m) === "__init__");
  const annotation = type === 0 ? "" : `: ${tree.source(type)}`;
  if (init === undefined) {
    const bases = basesOf(tree, cls).filter((base) => base !== "object");
    const isThread = bases.length === 1 && /^(threading\.)?Thread$/.test(bases[0]!);
    if (bases.length > 0 && !isThread) return undefined;
    const { eol, unit } = source;
    const inner = `${eol}${source.indentAt(tree.start(statement))}${unit}`;
    const head = isThread
      ? `def __init__(self, *args, **kwargs):${inner}super().__init__(*args, **kwargs)`
      : "def __init__(self):";
    const method = `${head}${inner}self.${attribute}${annotation} = ${tree.source(value)}`;
    return place.fix(title, [source.replace(tree.start(statement), tree.end(statement), method)], false);
  }
  const self = parametersOf(tree, init)[0];
  const inner = bodyOf(tree, init);
  const own = isDocstring(tree, inner[0]) ? inner.slice(1) : inner;
  const isBase = own[0] !== undefined && /^super\(.*\)\.__init__\(/.test(tree.source(own[0]));
  const first = isBase ? (own[1] ?? own[0]) : own[0];
  if (self === undefined || first === undefined || !source.isFirstOnLine(tree.start(first))) return undefined;
  if (body.length === 1) return undefined;
  const line = `${self}.${attribute}${annotation} = ${tree.source(value)}`;
  const indent = source.indentAt(tree.start(first));
  return place.fix(
    title,
    [wholeLines(place, statement), source.insert(tree.start(first), line + source.eol + indent)],
    false,
  );
}

/** The statement with its line, and the blank line behind it when one stands before it too. */
function wholeLines({ tree, source }: Place, statement: number): TextEdit {
  const start = source.lineStart(tree.start(statement));
  const next = source.text.indexOf("\n", tree.end(statement)) + 1;
  const blank = /^(?:[ \t]*\r?\n)*/.exec(source.text.slice(next))![0].length;
  const isFirst = tree.children(tree.parent(statement))[0] === statement;
  return source.replace(start, isFirst ? next + blank : next, "");
}

function classAround({ tree, node }: Place): number {
  for (let at = tree.parent(node); at > 0; at = tree.parent(at)) {
    if (tree.kind(at) === Kind.ClassDefinition) return at;
  }
  return 0;
}

function assignedName({ tree }: Place, statement: number): string | undefined {
  const only = tree.firstChild(statement);
  if (tree.kind(statement) !== Kind.ExpressionStatement || tree.kind(only) !== Kind.Assignment)
    return undefined;
  return tree.child(only, Field.Right) === 0 ? undefined : tree.source(tree.child(only, Field.Left));
}
