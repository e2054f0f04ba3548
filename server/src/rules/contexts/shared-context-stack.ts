// A stack of what is current, pushed on the way in and popped on the way out: right for one thread at a time.
import type { Access } from "../../facts/facts.ts";
import { accessOf } from "../../program/locations.ts";
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";

/** Names of what belongs together: the way in and the way out. */
const exits: Readonly<Record<string, string>> = { __enter__: "__exit__", enter: "exit", begin: "end" };

export default defineRule(
  {
    name: "shared-context-stack",
    summary: "A stack of contexts is pushed and popped by several threads.",
    family: "contexts",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  (view) => {
    const { access, location } = view;
    if (!isPush(access) || location.kind === "closure") return undefined;
    const isPair = hasCounterpart(view);
    if (!isPair && !isAroundYield(view)) return undefined;
    return {
      conflicts: (other) => isPush(other) || isPop(other),
      withItself: true,
      steps: [`pushes what is current onto \`${view.symbol}\``, "pops it on the way out"],
      outcome: "it finds the other's entry on top, works with it, and pops it",
      remedy: "Keep the stack in a threading.local, or the current entry in a contextvars.ContextVar.",
    };
  },
);

function isPush({ op, detail }: Access): boolean {
  return op === "method" && detail === "append";
}

/** From the end; `pop(0)` takes from a queue. */
function isPop({ op, detail, view }: Access): boolean {
  return op === "method" && detail === "pop" && view === "";
}

/** Whether the method that leads out again pops the same list. */
function hasCounterpart({ fn, location, file }: AccessView): boolean {
  const exit = exits[fn.name];
  return (
    exit !== undefined &&
    location.sites.some((site) => {
      const other = site.file.facts.functions[accessOf(site).fn]!;
      return site.file === file && other.owner === fn.owner && other.name === exit && isPop(accessOf(site));
    })
  );
}

/** `stack.append(x); try: yield; finally: stack.pop()`: the body of the with statement runs in between. */
function isAroundYield({ access, file, location, fn }: AccessView): boolean {
  if (!fn.isGenerator) return false;
  const yields = file.facts.suspensions.filter((s) => s.kind === "yield" && s.fn === access.fn);
  return location.sites.some((site) => {
    const other = accessOf(site);
    if (site.file !== file || other.fn !== access.fn || !isPop(other)) return false;
    return yields.some(({ start }) => start > access.start && start < other.start);
  });
}
