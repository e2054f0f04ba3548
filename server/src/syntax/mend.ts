// Half-typed code: one open bracket can turn the rest of a file into a single error. Blanking the line where
// the error begins usually gives everything else its shape back, at the same offsets.
import { Kind } from "../../../grammars/python/symbols.ts";
import type { CompactTree } from "./compactTree.ts";

const attempts = 2;

/**
 * @param parse parses a whole text
 * @param edited where the last edit was made, if that is known: the likeliest line to be unfinished
 * @returns the tree itself, or a better one with up to two lines blanked: one without errors or with more
 * statements in it
 */
export function mend(
  tree: CompactTree,
  parse: (text: string) => CompactTree,
  edited: number | undefined,
): CompactTree {
  let best = tree;
  for (let i = 0; i < attempts && best.hasError; i += 1) {
    const { firstAt, statements } = damageOf(best);
    const begins = lineOf(best.text, firstAt);
    const places = i === 0 && edited !== undefined ? [edited, begins] : [begins];
    const better = places
      .map((at) => blankLine(best.text, at))
      .filter((text) => text !== best.text)
      .map((text) => parse(text))
      .find((candidate) => {
        const found = damageOf(candidate).statements;
        // Blanking costs the statement on that line, which is fair when it was all that was wrong.
        return found > statements || (!candidate.hasError && found >= statements - 1);
      });
    if (better === undefined) return best;
    best = better;
  }
  return best;
}

interface Damage {
  /** Where the first innermost error begins. */
  readonly firstAt: number;
  /** How many statements were recognised all the same. */
  readonly statements: number;
}

function damageOf(tree: CompactTree): Damage {
  let firstAt = -1;
  let statements = 0;
  for (let n = 0; n < tree.count; n += 1) {
    const kind = tree.kind(n);
    if (kind >= Kind.ImportStatement && kind <= Kind.ClassDefinition) statements += 1;
    if (kind === Kind.Error && firstAt < 0 && !containsError(tree, n)) firstAt = tree.start(n);
  }
  return { firstAt: Math.max(0, firstAt), statements };
}

function containsError(tree: CompactTree, node: number): boolean {
  const end = tree.subtreeEnd(node);
  for (let n = node + 1; n < end; n += 1) if (tree.kind(n) === Kind.Error) return true;
  return false;
}

/** Replaces the text of the line by spaces, so that all offsets stay. */
function blankLine(text: string, at: number): string {
  const from = at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
  const found = text.indexOf("\n", at);
  const to = found < 0 ? text.length : found;
  return text.slice(0, from) + " ".repeat(to - from) + text.slice(to);
}

/** An error often begins with the line break before the line that is wrong. */
function lineOf(text: string, at: number): number {
  const visible = text.slice(at).search(/\S/);
  return visible < 0 ? at : at + visible;
}
