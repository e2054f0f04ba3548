// G17: a lock that is taken only when the GIL is off; the GIL has never made two steps one.
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { lockMakers } from "../shapes/locks.ts";

const asksForGil = /_is_gil_enabled|Py_GIL_DISABLED|sys\.flags\.gil/;

export default defineFileRule(
  {
    name: "gil-conditional-lock",
    summary: "A lock is made or taken only when the GIL is off.",
    family: "locks",
    severity: "warning",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    if (!["_is_gil_enabled", "Py_GIL_DISABLED", "flags.gil"].some((asked) => view.text.includes(asked)))
      return;
    const isGilTest = gilTests(view);
    const { contexts } = view.file.facts;
    const underTest = (context: number): boolean => {
      for (let at = context; at !== 0; at = contexts[at]!.parent) {
        if (contexts[at]!.kind === "test" && isGilTest(contexts[at]!.detail)) return true;
      }
      return false;
    };
    const spots = [
      ...view
        .callsTo(...lockMakers)
        .filter(({ context }) => underTest(context))
        .map(({ start, end, fn, result }) => ({
          start,
          end,
          fn,
          symbol: result < 0 ? "lock" : view.textOf(view.file.place(result)),
        })),
      ...contexts
        .filter(
          ({ kind, detail, place, parent }) =>
            kind === "lock" && detail !== "async" && place >= 0 && underTest(parent),
        )
        .filter(
          ({ place }) => view.program.locksets.identity(view.file, view.file.place(place)) !== undefined,
        )
        .map(({ start, fn, place }) => {
          const symbol = view.textOf(view.file.place(place));
          return { start, end: start + symbol.length, fn, symbol };
        }),
    ];
    const told = new Set<number>();
    for (const spot of spots) {
      if (told.has(spot.start)) continue;
      told.add(spot.start);
      yield {
        ...spot,
        message: `This lock is there only when the GIL is off. The GIL lets other threads in between any two steps of Python code, so what needs a lock without it needs one with it: there, two threads both read, both write, and one update is lost. The GIL can also be switched on by a later import, after this was decided. Take the lock always; a lock that nobody else wants costs little.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);

/** Whether a condition asks for the GIL, itself or by a name that the module has given to the answer. */
function gilTests(view: FileView): (condition: string) => boolean {
  const names = [...view.text.matchAll(/^[ \t]*(\w+)[ \t]*(?::[^=\n]+)?=[^=\n][^\n]*/gm)]
    .filter(([line]) => asksForGil.test(line))
    .map(([, name]) => name!);
  const named = names.length === 0 ? undefined : new RegExp(`\\b(${names.join("|")})\\b`);
  return (condition) => asksForGil.test(condition) || named?.test(condition) === true;
}
