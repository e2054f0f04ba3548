// Reads import statements.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import { isLazyImport } from "../syntax/lazyImports.ts";
import type { Collector } from "./collect.ts";
import type { ImportFact } from "./facts.ts";

export function readImport(collector: Collector, node: number): void {
  const { tree, record } = collector;
  const start = tree.start(node);
  const end = tree.end(node);
  const { fn } = record.frame;
  const isLazy = isLazyImport(tree.text, start);
  const add = (local: string, module: string, name: string, level: number, bindsRoot: boolean) =>
    record.imports.push({ local, module, name, level, bindsRoot, isLazy, fn, start, end });

  if (tree.kind(node) === Kind.ImportStatement) {
    for (const item of tree.children(node)) {
      if (tree.kind(item) === Kind.AliasedImport) {
        add(
          tree.source(tree.child(item, Field.Alias)),
          tree.source(tree.child(item, Field.Name)),
          "",
          0,
          false,
        );
      } else {
        const module = tree.source(item);
        add(module.split(".")[0]!, module, "", 0, true);
      }
    }
    return;
  }
  const from = tree.child(node, Field.ModuleName);
  const written = from === 0 ? "__future__" : tree.source(from).replaceAll(/\s/g, "");
  const level = /^\.*/.exec(written)![0].length;
  const module = written.slice(level);
  for (const item of tree.children(node)) {
    if (item === from) continue;
    if (tree.kind(item) === Kind.WildcardImport) add("*", module, "*", level, false);
    else if (tree.kind(item) === Kind.AliasedImport) {
      add(
        tree.source(tree.child(item, Field.Alias)),
        module,
        tree.source(tree.child(item, Field.Name)),
        level,
        false,
      );
    } else if (tree.field(item) === Field.Name)
      add(tree.source(item), module, tree.source(item), level, false);
  }
}

/** Marks the imports of modules that `__lazy_modules__ = ["json", …]` names, at the module's top level. */
export function markLazyModules({ tree, record }: Collector): void {
  if (!tree.text.includes("__lazy_modules__")) return;
  const named = new Set<string>();
  for (const statement of tree.children(0)) {
    const assignment = tree.kind(statement) === Kind.ExpressionStatement ? tree.firstChild(statement) : 0;
    if (tree.kind(assignment) !== Kind.Assignment) continue;
    if (tree.source(tree.child(assignment, Field.Left)) !== "__lazy_modules__") continue;
    for (const element of tree.children(tree.child(assignment, Field.Right))) {
      const text = /^(["'])([\w.]+)\1$/.exec(tree.source(element))?.[2];
      if (text !== undefined) named.add(text);
    }
  }
  record.imports.forEach((item: ImportFact, index) => {
    if (item.fn === 0 && item.level === 0 && named.has(item.module))
      record.imports[index] = { ...item, isLazy: true };
  });
}
