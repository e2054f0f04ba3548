// The same parser as WebAssembly: about half as fast, and it runs wherever Node runs.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { Language, Parser, type Tree } from "web-tree-sitter";
import type { CompactTree } from "./compactTree.ts";
import { editBetween } from "./edit.ts";
import type { IncrementalDocument, PythonParser } from "./parser.ts";
import { CursorReader } from "./readCursor.ts";
import type { TreeBefore } from "./untouchedStatements.ts";

export async function loadWasmParser(): Promise<PythonParser> {
  await Parser.init({ locateFile: (name: string) => locate(name, "web-tree-sitter") });
  const parser = new Parser();
  parser.setLanguage(await Language.load(locate("tree-sitter-python.wasm", "tree-sitter-python")));
  return new WasmParser(parser);
}

/** The bundle carries the modules beside itself; a checkout has them in the package they come from. */
function locate(name: string, packageName: string): string {
  const beside = path.join(path.dirname(fileURLToPath(import.meta.url)), name);
  return existsSync(beside) ? beside : createRequire(import.meta.url).resolve(`${packageName}/${name}`);
}

class WasmParser implements PythonParser {
  readonly backend = "wasm";
  private readonly reader = new CursorReader();

  constructor(private readonly parser: Parser) {}

  parse(text: string): CompactTree {
    const tree = this.parser.parse(text)!;
    try {
      return this.read(tree, text);
    } finally {
      tree.delete();
    }
  }

  open(text: string): IncrementalDocument {
    let known = text;
    let compact: CompactTree | undefined;
    let tree = this.parser.parse(text)!;
    return {
      update: (next) => {
        const edit = editBetween(known, next);
        const before = compact !== undefined && edit !== undefined ? { tree: compact, edit } : undefined;
        if (edit) {
          tree.edit(edit as Parameters<Tree["edit"]>[0]);
          const old = tree;
          tree = this.parser.parse(next, old)!;
          old.delete();
          known = next;
        }
        compact = this.read(tree, next, before);
        return compact;
      },
      close: () => tree.delete(),
    };
  }

  private read(tree: Tree, text: string, before?: TreeBefore): CompactTree {
    const cursor = tree.walk();
    try {
      return this.reader.read(cursor, text, tree.rootNode.hasError, before);
    } finally {
      cursor.delete();
    }
  }
}
