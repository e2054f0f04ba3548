/** What a fix is: text edits that together take a finding away. */

export interface TextFix {
  /** What applying it does, as a menu entry: `Guard with \`_lock\``. */
  readonly title: string;
  /** Replacements in UTF-16 offsets of the text as it was; they do not overlap. */
  readonly edits: readonly {
    readonly path: string;
    readonly start: number;
    readonly end: number;
    readonly newText: string;
  }[];
  /** Whether the editor may apply it without asking which one. */
  readonly isPreferred: boolean;
}
