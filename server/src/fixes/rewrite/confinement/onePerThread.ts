// Connections and generators that a module makes for everybody: each thread makes one of its own, in a `threading.local`.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { binds, functionAround } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { isConstant } from "../text/expressions.ts";
import { moduleMember } from "../text/imported.ts";
import { gapAbove } from "../text/layout.ts";
import { freshName } from "../text/localNames.ts";
import { usesOfGlobal } from "./globalUses.ts";

/** Why one for each thread is not the same thing. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [
    /["']:memory:["']|mode=memory/,
    "A database in memory belongs to its connection: each thread would find an empty one.",
  ],
  [/\bRandom\(.+\)/s, "With this seed, every thread would draw the same numbers."],
];

/** `db = sqlite3.connect("x.db")` becomes a class `_Own(threading.local)` whose `__init__` sets `self.db`. */
export function onePerThread(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const name = place.finding.symbol;
  const uses = /^\w+$/.test(name) ? usesOfGlobal(tree, name) : undefined;
  if (uses === undefined || uses.stores.length > 0 || uses.declared.length > 0) return undefined;
  const statement = tree.parent(uses.made);
  const { value } = uses;
  if (tree.kind(value) !== Kind.Call || !place.ownsLines(statement)) return undefined;
  const made = tree.source(value);
  if (made.includes("\n") || !tree.childrenOf(value, Field.Arguments).every((arg) => isFixed(tree, arg)))
    return undefined;
  // Made by something of the module's own, such as a cursor by its connection, it would share that with all.
  if (!isImported(tree, tree.child(value, Field.Function))) return undefined;
  // What the module does with it while it is imported would be done for one thread only.
  if (uses.reads.some((read) => functionAround(tree, read) === 0)) return undefined;
  const title = `Make one \`${name}\` for each thread: \`${made}\` in a \`threading.local\` (threads share nothing of it any more)`;
  const reason = reasons.find(([pattern]) => pattern.test(made))?.[1];
  if (reason !== undefined) return place.refused(title, reason);
  const member = moduleMember(source, "threading", "local");
  if (member === undefined) return undefined;
  const cls = freshName(tree, "_PerThread");
  const local = freshName(tree, "_per_thread");
  const { eol, unit } = source;
  const attribute = name.replace(/^_+/, "");
  const start = tree.start(statement);
  const lines = [
    `class ${cls}(${member.expression}):`,
    `${unit}def __init__(self):`,
    `${unit}${unit}self.${attribute} = ${made}`,
    "",
    "",
    `${local} = ${cls}()`,
  ];
  return place.fix(
    title,
    [
      ...member.edits,
      source.replace(start, tree.end(statement), gapAbove(source, start) + lines.join(eol)),
      ...uses.reads.map((read) => source.replace(tree.start(read), tree.end(read), `${local}.${attribute}`)),
    ],
    false,
  );
}

/** `sqlite3.connect`, `Session`: named by an import at the top of the module. */
function isImported(tree: CompactTree, callee: number): boolean {
  const root = /^\w+/.exec(tree.source(callee))?.[0] ?? "";
  return binds(
    tree,
    tree.children(0).filter((s) => isImport(tree.kind(s))),
    root,
  );
}

function isImport(kind: Kind): boolean {
  return kind === Kind.ImportStatement || kind === Kind.ImportFromStatement;
}

function isFixed(tree: CompactTree, argument: number): boolean {
  if (tree.kind(argument) === Kind.KeywordArgument) return isFixed(tree, tree.child(argument, Field.Value));
  return isConstant(tree, argument) || /^[A-Z][A-Z0-9_]*$/.test(tree.source(argument));
}
