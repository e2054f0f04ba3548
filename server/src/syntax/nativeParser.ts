// The native tree-sitter addon. Loading it throws on machines whose libstdc++ or libc does not fit.
import { createRequire } from "node:module";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type Parser from "tree-sitter";
import type { CompactTree } from "./compactTree.ts";
import { editBetween } from "./edit.ts";
import type { IncrementalDocument, PythonParser } from "./parser.ts";
import { type Cursor, CursorReader } from "./readCursor.ts";
import type { TreeBefore } from "./untouchedStatements.ts";

/**
 * The addon has no `tree.delete()` and V8 does not see the bytes of a native tree, so a scan that drops
 * its trees grows without bound unless somebody asks for a collection now and then.
 */
const sourceBetweenCollections = 8 << 20; // UTF-16 code units; about 140 MB of native trees

export function loadNativeParser(): PythonParser {
  const load = createRequire(import.meta.url);
  const Native = load("tree-sitter") as typeof Parser;
  const language = load("tree-sitter-python") as Parser.Language;
  const parser = new Native();
  parser.setLanguage(language);
  return new NativeParser(parser);
}

class NativeParser implements PythonParser {
  readonly backend = "native";
  private readonly reader = new CursorReader();
  private sinceCollection = 0;
  private collect: (() => void) | undefined;

  constructor(private readonly parser: Parser) {}

  parse(text: string): CompactTree {
    const tree = this.read(this.parser.parse(text), text);
    this.collectNowAndThen(text.length);
    return tree;
  }

  open(text: string): IncrementalDocument {
    let known = text;
    let compact: CompactTree | undefined;
    let tree = this.parser.parse(text);
    return {
      update: (next) => {
        const edit = editBetween(known, next);
        const before = compact !== undefined && edit !== undefined ? { tree: compact, edit } : undefined;
        if (edit) {
          tree.edit(edit);
          tree = this.parser.parse(next, tree);
          known = next;
          this.collectNowAndThen(next.length >> 3);
        }
        compact = this.read(tree, next, before);
        return compact;
      },
      close: () => this.collectNowAndThen(known.length),
    };
  }

  private read(tree: Parser.Tree, text: string, before?: TreeBefore): CompactTree {
    return this.reader.read(tree.walk() as unknown as Cursor, text, tree.rootNode.hasError, before);
  }

  private collectNowAndThen(units: number): void {
    this.sinceCollection += units;
    if (this.sinceCollection < sourceBetweenCollections) return;
    this.sinceCollection = 0;
    if (!this.collect) {
      setFlagsFromString("--expose-gc");
      this.collect = runInNewContext("gc") as () => void;
    }
    this.collect();
  }
}
