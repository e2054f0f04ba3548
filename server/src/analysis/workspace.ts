import { collectFacts } from "../facts/collect.ts";
import type { Finding } from "../findings/finding.ts";
import type { AnalysisOptions, OptionsOf } from "../findings/options.ts";
import type { FileNode } from "../program/fileNode.ts";
import { Program } from "../program/program.ts";
import { Checker } from "../rules/checker.ts";
import { reportsUnused, suppress } from "../suppressions/suppress.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import { commonStart } from "../syntax/edit.ts";
import { mend } from "../syntax/mend.ts";
import { type IncrementalDocument, loadParser, type PythonParser } from "../syntax/parser.ts";
import { chosen, type OtherFindings } from "./otherFindings.ts";
import { everythingWanted, foreignRules, ruleNames } from "./ruleCatalogue.ts";

/** Documents whose trees are kept for incremental parsing; the ones edited last. */
const keptDocuments = 16;

/**
 * The files under analysis. Holds one summary per file and links them on demand; an edit recomputes what
 * it can influence and nothing else. Knows neither editors nor the file system: callers hand it text.
 */
export class Workspace {
  private readonly program = new Program();
  private readonly texts = new Map<string, string>();
  private readonly documents = new Map<string, OpenDocument>();
  /** One for each set of options in use; all void after a change. */
  private readonly checkers = new Map<string, Checker>();

  private others: OtherFindings | undefined;

  private constructor(
    private readonly parser: PythonParser,
    private optionsOf: OptionsOf,
  ) {}

  /**
   * Loads the parser, the native one where it works.
   * @param options for all files, or the options of each
   */
  static async create(options: AnalysisOptions | OptionsOf): Promise<Workspace> {
    return new Workspace(await loadParser(), asFunction(options));
  }

  /** Adds or replaces a file. Never throws on bad Python: what cannot be parsed yields fewer facts. */
  update(path: string, text: string): void {
    const before = this.texts.get(path);
    if (before === text) return;
    const { tree, isBroken } = this.parse(path, before, text);
    this.program.update(path, collectFacts(tree, isBroken));
    this.texts.set(path, text);
    this.checkers.clear();
  }

  /** A file's tree as its text stands, syntax errors and all; undefined for files not under analysis. */
  tree(path: string): CompactTree | undefined {
    const text = this.texts.get(path);
    return text === undefined ? undefined : this.document(path, text).plain.update(text);
  }

  /** The tree to collect facts from: that of an edit costs what the edit costs. */
  private parse(
    path: string,
    before: string | undefined,
    text: string,
  ): { tree: CompactTree; isBroken: boolean } {
    if (before === undefined) {
      const plain = this.parser.parse(text);
      const tree = mend(plain, (whole) => this.parser.parse(whole), undefined);
      return { tree, isBroken: plain.hasError };
    }
    const document = this.document(path, before);
    const plain = document.plain.update(text);
    const tree = mend(
      plain,
      (whole) => {
        // Texts to mend differ by a line from one keystroke to the next, so they have a document of their own.
        document.mended ??= this.parser.open(whole);
        return document.mended.update(whole);
      },
      plain.hasError ? commonStart(before, text) : undefined,
    );
    return { tree, isBroken: plain.hasError };
  }

  remove(path: string): void {
    this.texts.delete(path);
    closeDocument(this.documents.get(path));
    this.documents.delete(path);
    this.program.remove(path);
    this.checkers.clear();
  }

  /** @param options for all files, or the options of each */
  configure(options: AnalysisOptions | OptionsOf): void {
    this.optionsOf = asFunction(options);
  }

  /** Takes findings from elsewhere into every report. */
  reportAlso(others: OtherFindings): void {
    this.others = others;
  }

  has(path: string): boolean {
    return this.texts.has(path);
  }

  text(path: string): string | undefined {
    return this.texts.get(path);
  }

  /** Findings of one file, ordered by position. */
  findings(path: string): Finding[] {
    const file = this.program.files.get(path);
    if (file === undefined) return [];
    this.program.link();
    return this.report(file);
  }

  /** Findings of all files, ordered by path and position. */
  allFindings(): Finding[] {
    this.program.link();
    const files = [...this.program.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    return files.flatMap((file) => this.report(file));
  }

  /** From what the rules say to what is told: comments silence, options weigh. */
  private report(file: FileNode): Finding[] {
    const options = this.optionsOf(file.path);
    const text = this.texts.get(file.path) ?? "";
    const checker = this.checker(options);
    const reachAt = (offset: number) => checker.reachAt(file, offset);
    const others = chosen(this.others?.findings(file.path, text, reachAt) ?? [], options);
    const found = [...checker.check(file), ...others];
    const { severity } = options;
    return suppress(file, found, {
      known: ruleNames,
      foreign: foreignRules,
      reportsUnused: reportsUnused(options),
      everything: () => [
        ...this.checker(everythingWanted(options)).check(file),
        ...(this.others?.possible(file.path, text) ?? []),
      ],
    })
      .map((finding) => ({ ...finding, severity: severity?.[finding.rule] ?? finding.severity }))
      .sort((a, b) => a.range.start - b.range.start);
  }

  private checker(options: AnalysisOptions): Checker {
    const key = JSON.stringify(options);
    let checker = this.checkers.get(key);
    if (checker === undefined) {
      checker = new Checker(this.program, options, (path) => this.texts.get(path) ?? "");
      this.checkers.set(key, checker);
    }
    return checker;
  }

  private document(path: string, text: string): OpenDocument {
    const document = this.documents.get(path) ?? { plain: this.parser.open(text), mended: undefined };
    this.documents.delete(path); // the map's order is the order of use
    this.documents.set(path, document);
    for (const [oldest, old] of this.documents) {
      if (this.documents.size <= keptDocuments) break;
      closeDocument(old);
      this.documents.delete(oldest);
    }
    return document;
  }
}

/** Trees of a file that is being edited: of its text, and of its text with broken lines blanked. */
interface OpenDocument {
  readonly plain: IncrementalDocument;
  mended: IncrementalDocument | undefined;
}

function closeDocument(document: OpenDocument | undefined): void {
  document?.plain.close();
  document?.mended?.close();
}

function asFunction(options: AnalysisOptions | OptionsOf): OptionsOf {
  return typeof options === "function" ? options : () => options;
}
