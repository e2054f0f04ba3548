// C5: since 3.12 `functools.cached_property` has no lock; threads that come at once run the getter each.
import { defineFileRule } from "../rule.ts";
import { effectIn, isDecoratedBy } from "../shapes/effects.ts";

const decorators = new Set(["functools.cached_property"]);

export default defineFileRule(
  {
    name: "cached-property-shared",
    summary: "A cached property of a shared class has effects, and threads can run its getter twice.",
    family: "lazy initialisation",
    severity: "information",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    const { intent } = view;
    const { functions, classes } = view.file.facts;
    for (const [fn, { name, owner, nameStart, nameEnd }] of functions.entries()) {
      if (owner < 0 || !isDecoratedBy(view, fn, decorators)) continue;
      if (!intent.isThreadedClass({ file: view.file, index: owner })) continue;
      const effect = effectIn(view, fn, (access) => {
        const place = view.file.place(access.place);
        return place.root === "self" && place.path.length > 0 ? `changes self.${place.path[0]}` : undefined;
      });
      if (effect === undefined) continue;
      yield {
        start: nameStart,
        end: nameEnd,
        fn,
        symbol: `${classes[owner]!.name}.${name}`,
        message: `The getter of \`${name}\` ${effect.words}, and cached_property takes no lock since 3.12: threads that come at once run it each, and the last result is kept. Make it in the constructor, or in a property under a lock.`,
        evidence: "likely",
        related: [
          { path: view.file.path, range: view.file.range(effect.start, effect.end), message: effect.words },
        ],
      };
    }
  },
);
