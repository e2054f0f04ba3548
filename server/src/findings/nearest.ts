/** What somebody probably meant to write. */
import { closest, distance } from "fastest-levenshtein";

/** The candidate nearest to a word, or undefined when none is near enough to be meant. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const found = closest(word, [...candidates]);
  return distance(word, found) <= Math.max(1, Math.floor(word.length / 3)) ? found : undefined;
}
