// C6: `functools.cache` keeps its table consistent, and may still call the function more than once for one key.
import type { RelatedLocation } from "../../findings/finding.ts";
import { keyOf } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { effectIn, isDecoratedBy } from "../shapes/effects.ts";

const decorators = new Set(["functools.cache", "functools.lru_cache"]);

export default defineFileRule(
  {
    name: "cached-side-effects",
    summary: "A function under functools.cache or lru_cache has effects, and threads can run it twice.",
    family: "lazy initialisation",
    severity: "information",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    const { file, program, intent } = view;
    for (const [fn, { name, qualifiedName, nameStart, nameEnd }] of file.facts.functions.entries()) {
      if (!isDecoratedBy(view, fn, decorators) || intent.runsOnlyAtImport({ file, index: fn })) continue;
      if (isResultUnused(view, keyOf(file, fn))) continue;
      if (program.locksets.heldOnEntry({ file, index: fn }).size > 0) continue; // one caller at a time
      const effect = effectIn(view, fn, (access) => {
        const location = program.locations.of(file, file.place(access.place));
        return location?.kind === "global" ? `changes ${location.name}` : undefined;
      });
      if (effect === undefined) continue;
      const isThreaded =
        program.concurrency.routes(keyOf(file, fn)).length > 0 || intent.isThreadedModule(file);
      yield {
        start: nameStart,
        end: nameEnd,
        fn,
        symbol: qualifiedName,
        message: `\`${name}\` ${effect.words}, and its cache lets threads that miss at once call it each: they get different results. Look and make under a lock.`,
        evidence: isThreaded ? "likely" : "exposed",
        related: [
          { path: file.path, range: file.range(effect.start, effect.end), message: effect.words },
          ...usesOfCache(view, fn),
        ],
      };
    }
  },
);

/** Calls such as `load.cache_clear()` in other files, which go on only if the name stays that of the cache. */
function usesOfCache({ file, program }: FileView, fn: number): RelatedLocation[] {
  const { name } = file.facts.functions[fn]!;
  return [...program.files.values()].flatMap((other) =>
    other === file
      ? []
      : other.facts.calls.flatMap(({ callee, start, end }) => {
          const place = callee < 0 ? undefined : other.place(callee);
          const method = place?.path.at(-1);
          if (place === undefined || method?.startsWith("cache_") !== true) return [];
          const owner = program.resolver.path(other, { ...place, path: place.path.slice(0, -1) });
          const isFunction = owner?.kind === "function" || owner?.kind === "method";
          if (!isFunction || owner.ref.file !== file || owner.ref.index !== fn) return [];
          const message = `\`${name}.${method}\` is used here`;
          return [{ path: other.path, range: other.range(start, end), message }];
        }),
  );
}

/** Threads have it as their target and nobody calls it: what it returns is dropped, so nobody holds the wrong one. */
function isResultUnused({ program }: FileView, fn: number): boolean {
  const entries = program.concurrency.entries.filter((e) => keyOf(e.fn.file, e.fn.index) === fn);
  return (
    entries.length > 0 &&
    entries.every((entry) => entry.label === "a thread") &&
    program.callGraph.callersOf(fn).length === 0
  );
}
