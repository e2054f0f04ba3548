// G13: finalizers and signal handlers run in the middle of other code, also of code that holds the lock they want.
import type { Call } from "../../facts/facts.ts";
import type { Ref } from "../../program/fileNode.ts";
import type { Taking } from "../../program/lockOrder.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule, type Issue } from "../rule.ts";
import { isPlainLock } from "../shapes/locks.ts";

/** Functions outside the program that keep a callback to be run at any moment, and its argument's position. */
const keepers: Readonly<Record<string, readonly [keyword: string, position: number, what: string]>> = {
  "weakref.ref": ["callback", 1, "A weak reference's callback"],
  "weakref.proxy": ["callback", 1, "A weak proxy's callback"],
  "weakref.finalize": ["func", 1, "A finalizer"],
  "signal.signal": ["handler", 1, "A signal handler"],
};

export default defineFileRule(
  {
    name: "lock-in-finalizer",
    summary:
      "A finalizer, weak reference callback or signal handler takes a lock that the interrupted code may hold.",
    family: "locks",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { facts } = view.file;
    for (const [index, { name, owner }] of facts.functions.entries()) {
      if (name === "__del__" && owner >= 0)
        yield* taken(view, { file: view.file, index }, "`__del__`", undefined);
    }
    for (const call of view.callsTo(...Object.keys(keepers))) {
      const [keyword, position, what] = keepers[view.externalName(call.callee)!]!;
      const argument = view.argument(call, keyword, position);
      const fn =
        argument === undefined
          ? undefined
          : argument.lambda >= 0
            ? { file: view.file, index: argument.lambda }
            : functionAt(view, argument.place);
      if (fn !== undefined) yield* taken(view, fn, what, call);
    }
  },
);

function functionAt(view: FileView, place: number): Ref | undefined {
  const entity = place < 0 ? undefined : view.program.resolver.path(view.file, view.file.place(place));
  return entity?.kind === "function" || entity?.kind === "method" ? entity.ref : undefined;
}

function* taken(view: FileView, fn: Ref, what: string, kept: Call | undefined): Iterable<Issue> {
  for (const { calls, taking } of view.program.lockOrder.takenBy(fn)) {
    if (!isPlain(view, taking)) continue;
    // Nobody has the dying object any more, so nobody holds a lock that is its own.
    const isOwn = calls.every(({ file, call }) => file.place(call.callee).root === "self");
    if (kept === undefined && isOwn && isInstanceLock(view, taking)) continue;
    const at = fn.file === view.file ? (calls[0]?.call ?? taking) : kept;
    if (at === undefined) continue;
    const when = what.startsWith("A signal")
      ? "runs in the main thread between two of its steps"
      : "runs in whatever thread drops the last reference or collects garbage, between two steps of it";
    yield {
      start: at.start,
      end: at.end,
      fn: fn.file === view.file ? fn.index : kept!.fn,
      symbol: taking.text,
      message: `${what} ${when}. If that thread holds \`${taking.text}\` just then, this waits for it for ever, and so does every other thread. Put the work into a queue.SimpleQueue, whose put may be interrupted by itself, or use an RLock.`,
      evidence: "likely",
      related: [
        {
          path: taking.file.path,
          range: taking.file.range(taking.start, taking.end),
          message: `\`${taking.text}\` is taken here`,
        },
      ],
    };
  }
}

/** A plain Lock by its constructor, or by the only locks of this name that the file makes. */
function isPlain(view: FileView, { file, place }: Taking): boolean {
  const at = file.place(place);
  const kinds = view.program.resolver.holding(file, at)?.kinds;
  if (kinds !== undefined && [...kinds].some((kind) => kind !== "unknown" && kind !== "none"))
    return isPlainLock(kinds);
  if (at.path.length < 2) return false;
  const name = at.path.at(-1);
  const made = file.facts.bindings.flatMap((binding) => {
    const { path } = file.place(binding.place);
    if (path.length !== 1 || path[0] !== name || binding.value !== "call" || binding.source < 0) return [];
    const entity = view.program.resolver.path(file, file.place(binding.source));
    return [entity?.kind === "external" ? entity.name : ""];
  });
  return made.length > 0 && made.every((maker) => /^(threading\.Lock|_thread\.allocate_lock)$/.test(maker));
}

function isInstanceLock(view: FileView, { file, place }: Taking): boolean {
  const at = file.place(place);
  return (
    at.root === "self" && at.path.length === 1 && view.program.locations.of(file, at)?.kind === "instance"
  );
}
