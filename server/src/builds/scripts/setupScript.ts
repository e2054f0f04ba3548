/** What a `setup.py` says, read from its tree: nothing of it is run. */
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";

/** A value in the script; `text` is that of a plain string, `source` what stands there. */
export interface ScriptValue {
  readonly start: number;
  readonly end: number;
  readonly source: string;
  readonly text: string | undefined;
}

export interface ScriptCall {
  /** Last part of the function's name. */
  readonly name: string;
  readonly start: number;
  readonly nameEnd: number;
  /** Offset of the closing bracket. */
  readonly close: number;
  readonly positional: readonly ScriptValue[];
  readonly keywords: ReadonlyMap<string, ScriptValue>;
  /** Whether it passes `**options`, which may hold anything. */
  readonly isOpen: boolean;
}

export interface SetupScript {
  readonly calls: readonly ScriptCall[];
  /** Values by keyword argument or by string key of a dictionary, wherever they stand. */
  values(key: string): ScriptValue[];
  /** The plain strings within a range. */
  strings(start: number, end: number): ScriptValue[];
}

export function readSetupScript(tree: CompactTree): SetupScript {
  const calls: ScriptCall[] = [];
  const keyed: { key: string; value: ScriptValue }[] = [];
  const strings: ScriptValue[] = [];
  for (let node = 0; node < tree.count; node += 1) {
    const kind = tree.kind(node);
    if (kind === Kind.Call) calls.push(...callAt(tree, node));
    else if (kind === Kind.KeywordArgument) {
      const name = tree.source(tree.child(node, Field.Name));
      keyed.push({ key: name, value: valueAt(tree, tree.child(node, Field.Value)) });
    } else if (kind === Kind.Pair) {
      const key = textOf(tree, tree.child(node, Field.Key));
      if (key !== undefined) keyed.push({ key, value: valueAt(tree, tree.child(node, Field.Value)) });
    } else if (kind === Kind.String) strings.push(valueAt(tree, node));
  }
  return {
    calls,
    values: (key) => keyed.filter((one) => one.key === key).map(({ value }) => value),
    strings: (start, end) => strings.filter((one) => one.start >= start && one.end <= end),
  };
}

function callAt(tree: CompactTree, node: number): ScriptCall[] {
  const callee = tree.child(node, Field.Function);
  const list = tree.child(node, Field.Arguments);
  if (callee === 0 || list === 0 || tree.kind(list) !== Kind.ArgumentList) return [];
  const name = /(\w+)$/.exec(tree.source(callee))?.[1];
  if (name === undefined) return [];
  const positional: ScriptValue[] = [];
  const keywords = new Map<string, ScriptValue>();
  let isOpen = false;
  for (const child of tree.children(list)) {
    const kind = tree.kind(child);
    if (kind === Kind.KeywordArgument) {
      keywords.set(tree.source(tree.child(child, Field.Name)), valueAt(tree, tree.child(child, Field.Value)));
    } else if (kind === Kind.DictionarySplat) isOpen = true;
    else positional.push(valueAt(tree, child));
  }
  return [
    {
      name,
      start: tree.start(callee),
      nameEnd: tree.end(callee),
      close: tree.end(list) - 1,
      positional,
      keywords,
      isOpen,
    },
  ];
}

function valueAt(tree: CompactTree, node: number): ScriptValue {
  return {
    start: tree.start(node),
    end: tree.end(node),
    source: tree.source(node),
    text: textOf(tree, node),
  };
}

function textOf(tree: CompactTree, node: number): string | undefined {
  if (node === 0 || tree.kind(node) !== Kind.String) return undefined;
  return /^[rRuU]?("""|'''|"|')([\s\S]*)\1$/.exec(tree.source(node))?.[2];
}
