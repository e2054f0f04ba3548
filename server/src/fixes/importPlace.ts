// Where a new `import module` line goes: sorted into the first group of standard library imports, else into a
// group of its own behind the docstring and the `__future__` imports.

import { Kind } from "../../../grammars/python/symbols.ts";
import { standardLibrary } from "../environment/standardLibrary.ts";
import type { TextEdit } from "./fix.ts";
import { headOf } from "./scopes.ts";
import type { Source } from "./source.ts";

export function importPlace(source: Source, module: string): TextEdit {
  const { tree, eol } = source;
  const line = `import ${module}`;
  const groups = importGroups(source);
  const standard = groups.find((group) => group.some((s) => isStandard(source, s)));
  if (standard !== undefined) {
    const plain = standard.filter((s) => tree.kind(s) === Kind.ImportStatement);
    const smaller = plain.findLast((s) => moduleOf(source, s) < module);
    if (smaller !== undefined) return source.insert(source.endOfStatementLine(smaller), eol + line);
    const first = plain[0] ?? standard[0]!;
    if (source.isFirstOnLine(tree.start(first)))
      return source.insert(source.lineStart(tree.start(first)), line + eol);
    return source.insert(source.endOfStatementLine(first), eol + line);
  }
  const head = headOf(tree);
  if (head.length > 0) {
    const end = source.endOfStatementLine(head.at(-1)!);
    const isApart = /^(\r?\n[ \t\f]*\r?\n|\s*$)/.test(source.text.slice(end));
    return source.insert(end, eol + eol + line + (isApart ? "" : eol));
  }
  return source.insert(afterLeadingComments(source), line + eol + gapBefore(source));
}

/** Top-level imports at the file's beginning, as far as no other code comes between, in groups of adjacent lines. */
function importGroups(source: Source): number[][] {
  const { tree } = source;
  const groups: number[][] = [];
  const head = new Set(headOf(tree));
  let end = -1;
  for (const statement of tree.children(0)) {
    if (head.has(statement)) continue;
    const kind = tree.kind(statement);
    if (kind !== Kind.ImportStatement && kind !== Kind.ImportFromStatement) {
      if (groups.length > 0) break;
      // A version or a list of names may stand before the imports; more than that means there are none.
      if (kind === Kind.ExpressionStatement || kind === Kind.IfStatement) continue;
      break;
    }
    const isAdjacent = end >= 0 && !/\n[ \t\f\r]*\n/.test(source.text.slice(end, tree.start(statement)));
    if (isAdjacent) groups.at(-1)!.push(statement);
    else groups.push([statement]);
    end = tree.end(statement);
  }
  return groups;
}

function moduleOf(source: Source, statement: number): string {
  return /^(?:from|import)\s+([\w.]+)/.exec(source.tree.source(statement))?.[1] ?? "";
}

function isStandard(source: Source, statement: number): boolean {
  return standardLibrary.has(moduleOf(source, statement).split(".")[0]!);
}

/** A comment that speaks of the whole file, though no empty line sets it apart. */
const licence = /copyright|\blicen[cs]e|all rights reserved|SPDX-/i;

/** Behind the interpreter line, the coding line and a comment that stands for itself. */
function afterLeadingComments(source: Source): number {
  const { text } = source;
  let fixed = 0;
  for (let lineNumber = 0; lineNumber < 2; lineNumber += 1) {
    const line = text.slice(fixed, source.lineEnd(fixed));
    if (!(lineNumber === 0 && line.startsWith("#!")) && !/^\s*#.*coding[:=]/.test(line)) break;
    fixed = nextLine(text, fixed);
  }
  let at = fixed;
  while (text[at] === "#") at = nextLine(text, at);
  if (at === fixed) return skipBlank(text, at);
  const isApart = /^[ \t\r]*(\n|$)/.test(text.slice(at)) || licence.test(text.slice(fixed, at));
  return isApart ? skipBlank(text, at) : fixed;
}

function skipBlank(text: string, from: number): number {
  let at = from;
  for (
    let blank = /^[ \t\f\r]*\n/.exec(text.slice(at));
    blank !== null;
    blank = /^[ \t\f\r]*\n/.exec(text.slice(at))
  ) {
    at += blank[0].length;
  }
  return at;
}

function nextLine(text: string, from: number): number {
  const newline = text.indexOf("\n", from);
  return newline < 0 ? text.length : newline + 1;
}

/** Blank lines between the new import and what follows, as formatters want them. */
function gapBefore(source: Source): string {
  const { tree, eol } = source;
  const first = tree.children(0)[0];
  if (first === undefined) return "";
  const kind = tree.kind(first);
  const isDefinition =
    kind === Kind.FunctionDefinition || kind === Kind.ClassDefinition || kind === Kind.DecoratedDefinition;
  return isDefinition ? eol + eol : eol;
}
