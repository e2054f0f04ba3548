// Code that threads run without an event loop around it, and what they are handed when they start. A coroutine that
// a thread runs with `asyncio.run` is on a loop, the thread's own, and does not count.
import type { Binding, Call, Place } from "../facts/facts.ts";
import type { Route } from "../program/concurrency.ts";
import { type FileNode, keyOf } from "../program/fileNode.ts";
import type { ThreadEntry } from "../program/threadEntries.ts";
import type { ObjectKind } from "../program/types.ts";
import type { FileView } from "./fileView.ts";

/** A place together with the file whose places it belongs to. */
export interface Placed {
  readonly file: FileNode;
  readonly place: Place;
}

/** How a thread gets to a function with no coroutine on the way. */
export function offLoopRoute(view: FileView, fn: number): Route | undefined {
  const isAsync = (file: FileNode, index: number) => file.facts.functions[index]!.isAsync;
  if (isAsync(view.file, fn)) return undefined;
  return view.program.concurrency
    .routes(keyOf(view.file, fn))
    .find((route) => route.calls.every(({ file, call }) => !isAsync(file, call.fn)));
}

/** Whether the code goes this way only after it asked which thread, or which loop, it is on. */
export function asksForThread(view: FileView, context: number): boolean {
  const { contexts } = view.file.facts;
  for (let at = context; at !== 0; at = contexts[at]!.parent) {
    const { kind, detail } = contexts[at]!;
    if (
      kind === "test" &&
      /get_ident|current_thread|main_thread|thread_id|(in|loop)_thread|running_loop|in_loop/i.test(detail)
    )
      return true;
  }
  return false;
}

/** Whether a place holds an object of one of these kinds, by its bindings or by what the starter of a thread gave. */
export function holdsKind(view: FileView, fn: number, place: Place, kinds: ReadonlySet<ObjectKind>): boolean {
  const candidates = [{ file: view.file, place }, ...handedOver(view, fn, place)];
  return candidates.some((at) => {
    for (const kind of view.program.resolver.holding(at.file, at.place)?.kinds ?? []) {
      if (kinds.has(kind)) return true;
    }
    return bindingsAt(view, at).some((binding) => {
      const made =
        binding.value === "call" && binding.source >= 0 ? at.file.place(binding.source) : undefined;
      // `loop.create_future()`, `asyncio.get_running_loop().create_task(…)`
      const isMadeByLoop = made !== undefined && /^create_(future|task)$/.test(made.path.at(-1) ?? "");
      return isMadeByLoop && kinds.has("async-future") && !kinds.has("event-loop");
    });
  });
}

function bindingsAt(view: FileView, { file, place }: Placed): readonly Binding[] {
  if (place.path.length === 0 && (place.root === "local" || place.root === "global"))
    return file.bindingsOf(place.root, place.owner, place.name);
  if (place.path.length === 1 && place.root === "self")
    return view.program.resolver.attributeBindings({ file, index: place.owner }, place.path[0]!);
  return [];
}

/** What a parameter of a function that threads run is bound to by those who start the threads. */
export function handedOver(view: FileView, fn: number, place: Place): Placed[] {
  const { parameters, owner } = view.file.facts.functions[fn]!;
  if (place.root !== "local" || place.owner !== fn || place.path.length > 0) return [];
  const index = parameters.indexOf(place.name);
  if (index < 0) return [];
  const position = owner >= 0 ? index - 1 : index;
  const entries = view.program.concurrency.entries.filter(
    (entry) => entry.fn.file === view.file && entry.fn.index === fn,
  );
  return entries.flatMap((entry) => {
    const call = startingCall(entry);
    const given = call === undefined ? undefined : handed(call)[position];
    return given === undefined || given < 0 ? [] : [{ file: entry.file, place: entry.file.place(given) }];
  });
}

/** The call that starts an entry's thread or hands its function to a pool; undefined for classes and decorators. */
export function startingCall(entry: ThreadEntry): Call | undefined {
  return entry.file.facts.calls.find((call) => call.start === entry.start && call.end === entry.end);
}

/** Places of the arguments that a starting call hands to the function, by position; -1 for other expressions. */
export function handed({ args }: Call): readonly number[] {
  const tuple = args.find((a) => a.keyword === "args");
  if (tuple !== undefined) return tuple.elements;
  if (args.some((a) => a.keyword === "target")) return [];
  const positional = args.filter((a) => a.keyword === "");
  // `submit(f, x)` and `to_thread(f, x)`, but `run_in_executor(executor, f, x)`.
  const first = positional[0]?.literal === "None" || positional.length === 0 ? 2 : 1;
  return positional.slice(first).map((a) => a.place);
}
