// A cache in front of a thread-local value keeps the first thread's value and gives it to all.
import { defineFileRule } from "../rule.ts";

const caches = /(^|\.)(cached_property|cache|lru_cache|cachedproperty|memoize|memoized|reify)$/;

export default defineFileRule(
  {
    name: "cached-thread-local",
    summary: "A cached function or property returns what belongs to one thread.",
    family: "contexts",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { file, program } = view;
    const cachedBy = file.facts.functions.map(({ decorators }) =>
      decorators.find((decorator) => decorator >= 0 && caches.test(view.textOf(file.place(decorator)))),
    );
    if (cachedBy.every((decorator) => decorator === undefined)) return;
    const seen = new Set<number>();
    for (const { fn, place, op, start, end } of file.facts.accesses) {
      if (seen.has(fn) || op === "rebind" || op === "delete") continue;
      const { qualifiedName } = file.facts.functions[fn]!;
      const cache = cachedBy[fn];
      if (cache === undefined) continue;
      const { path, ...base } = file.place(place);
      if (path.length === 0) continue;
      const local = { ...base, path: path.slice(0, -1) };
      if (program.resolver.holding(file, local)?.kinds.has("thread-local") !== true) continue;
      seen.add(fn);
      const symbol = view.textOf({ ...local, path });
      yield {
        start,
        end,
        fn,
        symbol,
        message: `\`${symbol}\` differs from thread to thread, but \`${view.textOf(file.place(cache))}\` keeps what the first thread got from \`${qualifiedName}\` and gives it to all others. Leave the cache out: the threading.local is one already.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);
