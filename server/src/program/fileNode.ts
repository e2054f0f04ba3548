// One file of the program: its summary, and the tables to find things in it by name.
import type { Access, Binding, FileFacts, ImportFact, Place } from "../facts/facts.ts";
import type { SourceRange } from "../findings/finding.ts";
import { type Declarations, readDeclarations } from "./declarations.ts";

/** A function or class anywhere in the program. */
export interface Ref {
  readonly file: FileNode;
  readonly index: number;
}

/** One number for a function of the program; files keep their ids, so keys survive edits of other files. */
export function keyOf(file: FileNode, index: number): number {
  return file.id * 1_048_576 + index;
}

/** A place as the programmer wrote it: `self._lock`. */
export function textOfPlace({ root, name, path }: Place): string {
  const first = root === "self" ? "self" : root === "class" ? "cls" : name;
  return [first, ...path].join(".").replaceAll(".[]", "[…]");
}

/** Whether a context lies under `if __name__ == "__main__":`. */
export function isUnderMain(file: FileNode, context: number): boolean {
  for (let at = context; at !== 0; at = file.facts.contexts[at]!.parent) {
    if (file.facts.contexts[at]!.kind === "main") return true;
  }
  return false;
}

export class FileNode {
  facts!: FileFacts;
  functionsByName!: Map<string, number>;
  classesByName!: Map<string, number>;
  importsByName!: Map<string, ImportFact>;
  starImports!: ImportFact[];
  globals!: ReadonlySet<string>;
  /** Methods by class, then by name. */
  methods!: readonly Map<string, number>[];
  /** What the comments declare of locks and threads. */
  declarations!: Declarations;
  /** Bindings by place. */
  bindingsByPlace!: Map<number, number[]>;
  /** Places without attributes, by root, owner and name. */
  private names!: Map<string, number>;
  private nestedFunctions!: Map<string, number>;
  private nestedClasses!: Map<string, number>;
  private nestedImports!: Map<string, ImportFact>;

  constructor(
    readonly id: number,
    readonly path: string,
    facts: FileFacts,
  ) {
    this.load(facts);
  }

  /** Takes a new summary of the same file; references to the file stay valid. */
  load(facts: FileFacts): void {
    this.facts = facts;
    this.declarations = readDeclarations(facts);
    this.globals = new Set(facts.globals);
    this.functionsByName = new Map();
    this.nestedFunctions = new Map();
    this.methods = facts.classes.map(() => new Map<string, number>());
    facts.functions.forEach((f, i) => {
      if (f.owner >= 0) this.methods[f.owner]!.set(f.name, i);
      else if (f.parent === 0) this.functionsByName.set(f.name, i);
      else if (i !== 0) this.nestedFunctions.set(`${f.parent}/${f.name}`, i);
    });
    this.classesByName = new Map();
    this.nestedClasses = new Map();
    facts.classes.forEach((c, i) => {
      if (c.fn !== 0) this.nestedClasses.set(`${c.fn}/${c.name}`, i);
      else if (c.qualifiedName === c.name) this.classesByName.set(c.name, i);
    });
    this.importsByName = new Map();
    this.nestedImports = new Map();
    this.starImports = [];
    for (const item of facts.imports) {
      if (item.local === "*") this.starImports.push(item);
      else {
        if (item.fn !== 0) this.nestedImports.set(`${item.fn}/${item.local}`, item);
        if (item.fn === 0 || !this.importsByName.has(item.local)) this.importsByName.set(item.local, item);
      }
    }
    this.bindingsByPlace = new Map();
    facts.bindings.forEach((b, i) => {
      const list = this.bindingsByPlace.get(b.place);
      if (list === undefined) this.bindingsByPlace.set(b.place, [i]);
      else list.push(i);
    });
    this.names = new Map();
    facts.places.forEach((p, i) => {
      if (p.path.length === 0) this.names.set(`${p.root}/${p.owner}/${p.name}`, i);
    });
  }

  place(index: number): Place {
    return this.facts.places[index]!;
  }

  /** What the bare name is bound to; empty when the file never binds it. */
  bindingsOf(root: "global" | "local", owner: number, name: string): readonly Binding[] {
    const place = this.names.get(`${root}/${owner}/${name}`);
    return (
      (place === undefined ? undefined : this.bindingsByPlace.get(place))?.map(
        (i) => this.facts.bindings[i]!,
      ) ?? []
    );
  }

  /** A function, class or import that the body of `fn` defines under this name. */
  nestedFunction(fn: number, name: string): number | undefined {
    return this.nestedFunctions.get(`${fn}/${name}`);
  }
  nestedClass(fn: number, name: string): number | undefined {
    return this.nestedClasses.get(`${fn}/${name}`);
  }
  nestedImport(fn: number, name: string): ImportFact | undefined {
    return this.nestedImports.get(`${fn}/${name}`);
  }

  range(start: number, end: number): SourceRange {
    const startLine = this.lineAt(start);
    const endLine = this.lineAt(end);
    const starts = this.facts.lineStarts;
    return {
      start,
      end,
      startLine,
      startColumn: start - starts[startLine]!,
      endLine,
      endColumn: end - starts[endLine]!,
    };
  }

  rangeOf(access: Access): SourceRange {
    return this.range(access.start, access.end);
  }

  private lineAt(offset: number): number {
    const starts = this.facts.lineStarts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
