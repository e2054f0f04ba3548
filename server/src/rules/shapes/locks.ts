// What rules about locks ask again and again: calls on locks, whether they wait, and where a lock was taken.
import type { Call, Place } from "../../facts/facts.ts";
import type { RelatedLocation } from "../../findings/finding.ts";
import type { LockKey } from "../../program/locksets.ts";
import { mutualExclusion, type ObjectKind } from "../../program/types.ts";
import type { FileView } from "../fileView.ts";

/** A method call on a lock of threads: `self._lock.acquire()`. */
export interface LockCall {
  readonly call: Call;
  readonly place: Place;
  readonly key: LockKey;
  /** What the lock was seen to be; empty when only its name tells. */
  readonly kinds: ReadonlySet<ObjectKind>;
  readonly text: string;
}

/** Constructors of locks by qualified name. */
export const lockMakers: readonly string[] = [
  "threading.Lock",
  "threading.RLock",
  "threading.Condition",
  "threading.Semaphore",
  "threading.BoundedSemaphore",
  "_thread.allocate_lock",
  "_thread.RLock",
];

/** Calls of these methods on locks; what is awaited is a lock of an event loop and left out. */
export function* lockCalls(view: FileView, ...methods: readonly string[]): Iterable<LockCall> {
  for (const call of view.callsNamed(...methods)) {
    const place = view.receiver(call);
    const key = place === undefined ? undefined : view.program.locksets.identity(view.file, place);
    if (place === undefined || key === undefined || isAwaited(view, call)) continue;
    const kinds = view.program.resolver.holding(view.file, place)?.kinds ?? new Set<ObjectKind>();
    yield { call, place, key, kinds, text: view.textOf(place) };
  }
}

/** Whether the call goes on only with the lock: no timeout and no `blocking=False`. */
export function waitsForever({ args }: Call): boolean {
  return args.every(
    ({ keyword, literal }) =>
      (/^(block(ing)?)?$/.test(keyword) && literal === "True") ||
      (keyword === "timeout" && literal === "None"),
  );
}

/** Whether the object was seen to be made as a lock, rather than only being called one. */
export function isKnownLock(kinds: ReadonlySet<ObjectKind>): boolean {
  return [...kinds].some((kind) => mutualExclusion.has(kind));
}

/** Whether it lets even its own holder wait: a plain Lock, as far as is known. */
export function isPlainLock(kinds: ReadonlySet<ObjectKind>): boolean {
  return kinds.has("lock") && !kinds.has("rlock") && !kinds.has("condition") && !kinds.has("semaphore");
}

/** The related information that points to where a lock was taken. */
export function takenHere(
  view: FileView,
  lock: { readonly start: number; readonly text: string },
  message = `\`${lock.text}\` is taken here`,
): RelatedLocation {
  return { path: view.file.path, range: view.file.range(lock.start, lock.start), message };
}

function isAwaited({ file }: FileView, call: Call): boolean {
  return file.facts.suspensions.some((s) => s.call >= 0 && file.facts.calls[s.call] === call);
}
