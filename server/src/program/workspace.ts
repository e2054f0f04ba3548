import type { Finding } from "../findings/finding.ts";
import type { AnalysisOptions } from "../findings/options.ts";

/**
 * The files under analysis. Holds one summary per file and links them on demand; an edit recomputes what
 * it can influence and nothing else. Knows neither editors nor the file system: callers hand it text.
 */
export class Workspace {
  constructor(private options: AnalysisOptions) {}
  /** Adds or replaces a file. Never throws on bad Python: what cannot be parsed yields fewer facts. */
  update(_path: string, _text: string): void {}
  remove(_path: string): void {}
  configure(options: AnalysisOptions): void {
    this.options = options;
  }
  has(_path: string): boolean {
    return false;
  }
  /** Findings of one file, ordered by position. */
  findings(_path: string): Finding[] {
    return [];
  }
  /** Findings of all files, ordered by path and position. */
  allFindings(): Finding[] {
    void this.options;
    return [];
  }
}
