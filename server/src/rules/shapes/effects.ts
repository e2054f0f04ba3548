// What a function does that must happen once: opening, connecting, making locks and threads, changing state.
// The caches of functools may run their function twice at the same time, and keep one of the results.
import type { Access, Call } from "../../facts/facts.ts";
import { mutates } from "../../program/operations.ts";
import type { FileView } from "../fileView.ts";

/** Qualified names of what makes a resource, by the words for it. */
const makers: readonly (readonly [RegExp, string])[] = [
  [
    /^(io\.open|gzip\.open|bz2\.open|lzma\.open|os\.open|shelve\.open|tempfile\.\w+|mmap\.mmap)$/,
    "opens a file",
  ],
  [/^socket\.(socket|create_connection|create_server|socketpair)$/, "opens a socket"],
  [
    /^(_thread\.allocate_lock|(threading|multiprocessing)\.(Lock|RLock|Condition|(Bounded)?Semaphore))$/,
    "makes a lock",
  ],
  [/^threading\.(Thread|Timer)$/, "makes a thread"],
  [/^(subprocess\.Popen|multiprocessing\.Process)$/, "starts a process"],
  [/(^|\.)(\w*Executor|\w*Pool)$/, "makes a pool"],
  [/\.(connect|create_connection|create_engine|\w*Connection|HTTPS?Connection)$/, "opens a connection"],
  [/(^|\.)(\w*Session|\w*Client)$/, "makes a client"],
  [/^boto3\.(client|resource)$/, "makes a client"],
];

export interface Effect {
  /** Completes "the getter …": "opens a file". */
  readonly words: string;
  readonly start: number;
  readonly end: number;
}

/**
 * The first effect in the body of a function, outside of locks; undefined when it has none that is known.
 * @param changes whether an access that changes something counts as an effect
 */
export function effectIn(
  view: FileView,
  fn: number,
  changes: (access: Access) => string | undefined,
): Effect | undefined {
  const { facts } = view.file;
  const isLocked = (context: number) => view.program.locksets.heldWithin(view.file, context).length > 0;
  for (const call of facts.calls) {
    if (call.fn !== fn || call.managed || isLocked(call.context)) continue;
    const words = made(view, call);
    if (words !== undefined) return { words, start: call.start, end: call.end };
  }
  for (const access of facts.accesses) {
    if (access.fn !== fn || !mutates(access) || isLocked(access.context)) continue;
    const words = changes(access);
    if (words !== undefined) return { words, start: access.start, end: access.end };
  }
  return undefined;
}

function made(view: FileView, call: Call): string | undefined {
  if (call.callee < 0) return undefined;
  const entity = view.entity(call);
  const { root, name, path } = view.file.place(call.callee);
  if (entity === undefined && root === "global" && name === "open" && path.length === 0) {
    return isReadAtOnce(view, call) ? undefined : "opens a file";
  }
  const qualified =
    entity?.kind === "external"
      ? entity.name
      : entity?.kind === "class"
        ? entity.ref.file.facts.classes[entity.ref.index]!.name
        : "";
  return makers.find(([pattern]) => pattern.test(qualified))?.[1];
}

/** `open(path).read()`: a value comes of it, and the file is gone. */
function isReadAtOnce(view: FileView, opened: Call): boolean {
  return view.file.facts.calls.some(
    (call) =>
      call.start === opened.start &&
      call.end > opened.end &&
      call.callee >= 0 &&
      /^read/.test(view.file.place(call.callee).path.at(-1) ?? ""),
  );
}

/** Whether one of the decorators of a function is one of these. */
export function isDecoratedBy(view: FileView, fn: number, names: ReadonlySet<string>): boolean {
  return view.file.facts.functions[fn]!.decorators.some((place) => {
    if (place < 0) return false;
    const entity = view.program.resolver.path(view.file, view.file.place(place));
    return entity?.kind === "external" && names.has(entity.name);
  });
}
