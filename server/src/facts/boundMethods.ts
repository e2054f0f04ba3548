// Bound methods kept in attributes: after `self._append = self._queue.append`, a call of `self._append(x)` changes
// `self._queue`.
import type { Recorder } from "./recorder.ts";

/** Rewrites the accesses that go through such attributes to what they really touch. */
export function resolveBoundMethods(record: Recorder): void {
  const { bindings, places, accesses } = record;
  const targets = new Map<string, { place: number; method: string }>();
  for (const { place: bound, value, source } of bindings) {
    if (value !== "place" || source < 0) continue;
    const { root, owner, path } = places[bound]!;
    const from = places[source]!;
    if (root !== "self" || path.length !== 1 || from.root !== "self" || from.path.length !== 2) continue;
    const [object, method] = from.path as readonly [string, string];
    targets.set(`${owner}.${path[0]}`, {
      place: record.attribute(record.place("self", from.owner, from.name), object),
      method,
    });
  }
  if (targets.size === 0) return;
  accesses.forEach((access, index) => {
    if (access.op !== "method") return;
    const { root, owner, path } = places[access.place]!;
    if (root !== "self" || path.length > 0) return;
    const target = targets.get(`${owner}.${access.detail}`);
    if (target !== undefined) accesses[index] = { ...access, place: target.place, detail: target.method };
  });
}
