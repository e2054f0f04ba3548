/** What a fix is: text edits that together take a finding away. */

export interface TextEdit {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

export interface TextFix {
  /** What applying it does and what it costs, as a menu entry. */
  readonly title: string;
  /**
   * Replacements in UTF-16 offsets of the text as it was; they do not overlap. Insertions at one offset
   * appear in the order of this list. Empty when the fix is disabled.
   */
  readonly edits: readonly TextEdit[];
  /** Whether the editor may apply it without asking which one. */
  readonly isPreferred: boolean;
  /**
   * Whether it leaves everything as it is that a program with one thread can see; only such fixes are applied to
   * whole files unasked. Absent for fixes that may change something: they need a click.
   */
  readonly isSafe?: true;
  /** Why the fix cannot be applied here, as a sentence; then it has no edits. */
  readonly disabled?: string;
}

/** Why a fix would be wrong at some place; ends the making of that fix and becomes its disabled reason. */
export class Refusal extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

/** What is made, or nothing where it would be wrong: for second choices, whose first one tells the reason already. */
export function unlessRefused<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** Applies the edits of one file. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  let result = "";
  let at = 0;
  for (const edit of [...edits].sort((a, b) => a.start - b.start)) {
    if (edit.start < at) throw new Error("edits overlap");
    result += text.slice(at, edit.start) + edit.newText;
    at = edit.end;
  }
  return result + text.slice(at);
}
