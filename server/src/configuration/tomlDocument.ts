// A TOML text with the positions of its keys and values.
import { type AST, getStaticTOMLValue, ParseError, parseTOML } from "toml-eslint-parser";
import type { SourceRange } from "../findings/finding.ts";
import { rangeIn } from "../findings/rangeIn.ts";

/** A path of keys and array indices from the top of the document. */
export type TomlPath = readonly (string | number)[];

interface Place {
  readonly key: readonly [number, number];
  readonly value: readonly [number, number];
}

/** What is wrong with the syntax, as one sentence. */
export class TomlFault extends Error {
  constructor(
    message: string,
    readonly range: SourceRange,
  ) {
    super(message);
  }
}

export class TomlDocument {
  readonly value: unknown;
  private readonly places = new Map<string, Place>();

  /** @throws TomlFault when the text is not TOML */
  constructor(private readonly text: string) {
    // A byte order mark is allowed and means nothing.
    const plain = text.startsWith("\uFEFF") ? ` ${text.slice(1)}` : text;
    try {
      const program = parseTOML(plain);
      this.value = getStaticTOMLValue(program);
      for (const node of program.body[0].body) this.note(node, []);
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      const end = Math.min(text.length, error.index + 1);
      throw new TomlFault(`This is not valid TOML: ${error.message}.`, rangeIn(text, error.index, end));
    }
  }

  /** Where the key at a path stands; for elements of arrays the element. The nearest path above where there is none. */
  rangeOfKey(path: TomlPath): SourceRange {
    return this.range(path, "key");
  }

  /** Where the value at a path stands. */
  rangeOfValue(path: TomlPath): SourceRange {
    return this.range(path, "value");
  }

  private range(path: TomlPath, part: keyof Place): SourceRange {
    for (let length = path.length; length > 0; length -= 1) {
      const place = this.places.get(keyOf(path.slice(0, length)));
      if (place !== undefined) return rangeIn(this.text, ...place[part]);
    }
    return rangeIn(this.text, 0, 0);
  }

  private note(node: AST.TOMLTable | AST.TOMLKeyValue, above: TomlPath): void {
    const names = node.key.keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value));
    const path = node.type === "TOMLTable" ? node.resolvedKey : [...above, ...names];
    node.key.keys.forEach((key, i) => {
      // `[tool.x]` and `a.b = 1` name tables on the way; what comes first says where they are.
      const at = keyOf(path.slice(0, path.length - names.length + i + 1));
      const isLast = i === names.length - 1;
      if (isLast || !this.places.has(at)) {
        const value = isLast && node.type === "TOMLKeyValue" ? node.value.range : key.range;
        this.places.set(at, { key: key.range, value });
      }
    });
    if (node.type === "TOMLTable") for (const inner of node.body) this.note(inner, path);
    else this.noteValue(node.value, path);
  }

  private noteValue(value: AST.TOMLContentNode, path: TomlPath): void {
    if (value.type === "TOMLInlineTable") for (const inner of value.body) this.note(inner, path);
    if (value.type !== "TOMLArray") return;
    value.elements.forEach((element, i) => {
      const at = [...path, i];
      this.places.set(keyOf(at), { key: element.range, value: element.range });
      this.noteValue(element, at);
    });
  }
}

function keyOf(path: TomlPath): string {
  return JSON.stringify(path);
}
