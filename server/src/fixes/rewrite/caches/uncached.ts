// Functions with effects under `functools.cache`: without it, each call has its effect, as it says.
import { Kind } from "../../../../../grammars/python/symbols.ts";
import type { TextFix } from "../../fix.ts";
import { bodyOf, executedNodes } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { losesComment } from "../text/layout.ts";
import { type CachedFunction, cachedFunction, usedOfCache } from "./cachedFunction.ts";

/** What has to be one for all callers, by its maker. */
const needsOne: readonly (readonly [RegExp, string])[] = [
  [
    /(^|\.)(allocate_lock|R?Lock|Condition|(Bounded)?Semaphore)\(/,
    "Each call would make a lock of its own, which keeps nobody out.",
  ],
  [/(Executor|Pool)\(/, "Each call would make a pool of its own, with its threads."],
];

/** Removes the decorator; whether the effect may happen each time, only a person knows. */
export function withoutCache(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const cached = cachedFunction(place);
  if (cached === undefined) return undefined;
  const { cache, decorator } = cached;
  const title = `Remove \`@${decorator}\` (every call does the work again; callers no longer share a result)`;
  const reason = reasonForCache(place, cached);
  if (reason !== undefined) return place.refused(title, reason);
  const start = source.lineStart(tree.start(cache));
  const end = source.text.indexOf("\n", tree.end(cache)) + 1;
  if (!source.isFirstOnLine(tree.start(cache)) || losesComment(source, start, end, [])) return undefined;
  return { ...place.fix(title, [source.replace(start, end, "")], false), isPreferred: false };
}

function reasonForCache(place: Place, { fn, name }: CachedFunction): string | undefined {
  const { tree, finding } = place;
  const [used] = usedOfCache(place, name);
  if (used !== undefined) return `\`${name}.${used}\` is used, which comes with the cache.`;
  for (const node of executedNodes(tree, bodyOf(tree, fn))) {
    if (tree.kind(node) === Kind.Identifier && tree.source(node) === name)
      return `\`${name}\` calls itself, and counts on the cache.`;
  }
  const effects = finding.related
    .filter(({ path }) => path === finding.path)
    .map(({ range }) => tree.text.slice(range.start, range.end));
  return needsOne.find(([pattern]) => effects.some((effect) => pattern.test(effect)))?.[1];
}
