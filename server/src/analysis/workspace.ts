import { collectFacts } from "../facts/collect.ts";
import type { Finding } from "../findings/finding.ts";
import type { AnalysisOptions } from "../findings/options.ts";
import { Program } from "../program/program.ts";
import { Checker } from "../rules/checker.ts";
import type { CompactTree } from "../syntax/compactTree.ts";
import { editBetween } from "../syntax/edit.ts";
import { mend } from "../syntax/mend.ts";
import { type IncrementalDocument, loadParser, type PythonParser } from "../syntax/parser.ts";

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
  private checker: Checker | undefined;

  private constructor(
    private readonly parser: PythonParser,
    private options: AnalysisOptions,
  ) {}

  /** Loads the parser, the native one where it works. */
  static async create(options: AnalysisOptions): Promise<Workspace> {
    return new Workspace(await loadParser(), options);
  }

  /** Adds or replaces a file. Never throws on bad Python: what cannot be parsed yields fewer facts. */
  update(path: string, text: string): void {
    const before = this.texts.get(path);
    if (before === text) return;
    this.program.update(path, collectFacts(this.parse(path, before, text)));
    this.texts.set(path, text);
    this.checker = undefined;
  }

  /** A file's tree as its text stands, syntax errors and all; undefined for files not under analysis. */
  tree(path: string): CompactTree | undefined {
    const text = this.texts.get(path);
    return text === undefined ? undefined : this.document(path, text).plain.update(text);
  }

  /** The tree to collect facts from: that of an edit costs what the edit costs. */
  private parse(path: string, before: string | undefined, text: string): CompactTree {
    if (before === undefined)
      return mend(this.parser.parse(text), (whole) => this.parser.parse(whole), undefined);
    const document = this.document(path, before);
    const tree = document.plain.update(text);
    return mend(
      tree,
      (whole) => {
        // Texts to mend differ by a line from one keystroke to the next, so they have a document of their own.
        document.mended ??= this.parser.open(whole);
        return document.mended.update(whole);
      },
      editBetween(before, text)?.startIndex,
    );
  }

  remove(path: string): void {
    this.texts.delete(path);
    closeDocument(this.documents.get(path));
    this.documents.delete(path);
    this.program.remove(path);
    this.checker = undefined;
  }

  configure(options: AnalysisOptions): void {
    this.options = options;
    this.checker = undefined;
  }

  has(path: string): boolean {
    return this.texts.has(path);
  }

  /** Findings of one file, ordered by position. */
  findings(path: string): Finding[] {
    const file = this.program.files.get(path);
    return file === undefined ? [] : this.linked().check(file);
  }

  /** Findings of all files, ordered by path and position. */
  allFindings(): Finding[] {
    const checker = this.linked();
    const files = [...this.program.files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
    return files.flatMap((file) => checker.check(file));
  }

  private linked(): Checker {
    this.program.link();
    this.checker ??= new Checker(this.program, this.options, (path) => this.texts.get(path) ?? "");
    return this.checker;
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
