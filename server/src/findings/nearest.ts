/** What somebody probably meant to write. */
import { closest, distance } from "fastest-levenshtein";

/** The candidate nearest to a word, or undefined when none is near enough to be meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const found = closest(word, [...candidates]);
  // Two letters that changed places count as two.
  const slips = Math.max(word.length > 3 ? 2 : 1, Math.floor(word.length / 3));
  return distance(word, found) <= slips ? found : undefined;
}
