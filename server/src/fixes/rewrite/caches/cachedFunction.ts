// A function under `functools.cache` or `lru_cache`, as the fixes for functions with effects see it.
import { Kind } from "../../../../../grammars/python/symbols.ts";
import { nameOf } from "../../scopes.ts";
import type { Place } from "../place.ts";

export interface CachedFunction {
  readonly fn: number;
  readonly name: string;
  /** The definition with its decorators. */
  readonly decorated: number;
  /** The decorator that caches. */
  readonly cache: number;
  /** Its name as written: `functools.lru_cache`. */
  readonly decorator: string;
}

/** The function whose name the finding covers; undefined unless exactly one decorator caches it. */
export function cachedFunction({ tree, node }: Place): CachedFunction | undefined {
  const fn = tree.parent(node);
  const decorated = tree.parent(fn);
  if (tree.kind(fn) !== Kind.FunctionDefinition || tree.kind(decorated) !== Kind.DecoratedDefinition)
    return undefined;
  const caches = tree
    .children(decorated)
    .filter((c) => tree.kind(c) === Kind.Decorator && /^@\s*(\w+\.)?(lru_)?cache\b/.test(tree.source(c)));
  const [cache] = caches;
  if (cache === undefined || caches.length !== 1) return undefined;
  const decorator = /^@\s*([\w.]+)/.exec(tree.source(cache))![1]!;
  return { fn, name: nameOf(tree, fn), decorated, cache, decorator };
}

/**
 * Which attributes of the cache the program uses: `cache_clear`, `cache_info`, `cache_parameters`, `__wrapped__`. Those
 * used in other files are told by the finding.
 */
export function usedOfCache({ tree, finding }: Place, name: string): string[] {
  const uses = new RegExp(`\\b${name}\\.(cache_(?:clear|info|parameters)|__wrapped__)\\b`, "g");
  const texts = [tree.text, ...finding.related.map(({ message }) => message)];
  return [...new Set(texts.flatMap((text) => [...text.matchAll(uses)].map((use) => use[1]!)))].sort();
}
