// Reads import statements.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import type { Collector } from "./collect.ts";

export function readImport(collector: Collector, node: number): void {
  const { tree, record } = collector;
  const start = tree.start(node);
  const end = tree.end(node);
  const { fn } = record.frame;
  const add = (local: string, module: string, name: string, level: number, bindsRoot: boolean) =>
    record.imports.push({ local, module, name, level, bindsRoot, fn, start, end });

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
