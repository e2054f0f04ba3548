// G14: a semaphore that lets several in guards an update that only one may do at a time.
import type { LockKey } from "../../program/locksets.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "semaphore-as-mutex",
    summary: "Shared data is updated under a semaphore that lets several threads in.",
    family: "locks",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const wide = wideSemaphores(view);
    if (wide.size === 0) return;
    const { file, program } = view;
    for (const access of file.facts.accesses) {
      if (access.op !== "augment" && access.op !== "item-augment") continue;
      const held = [...program.locksets.held(file, access.fn, access.context)];
      const semaphore =
        held.length > 0 && held.every((key) => wide.has(key)) ? wide.get(held[0]!) : undefined;
      const location = semaphore === undefined ? undefined : program.locationOf(file, access);
      if (semaphore === undefined || location === undefined) continue;
      const text = view.textOf(file.place(access.place));
      yield {
        start: access.start,
        end: access.end,
        fn: access.fn,
        symbol: text,
        message: `\`${semaphore.text}\` lets ${semaphore.slots} threads in at once: two of them read \`${text}\`, both write it back, and one update is lost. Keep the semaphore for limiting and take a Lock around the update.`,
        evidence: "likely",
        related: [
          {
            path: file.path,
            range: file.range(semaphore.start, semaphore.end),
            message: `\`${semaphore.text}\` is made for ${semaphore.slots} here`,
          },
        ],
      };
    }
  },
);

interface Semaphore {
  readonly text: string;
  readonly slots: string;
  readonly start: number;
  readonly end: number;
}

function wideSemaphores(view: FileView): Map<LockKey, Semaphore> {
  const found = new Map<LockKey, Semaphore>();
  for (const call of view.callsTo("threading.Semaphore", "threading.BoundedSemaphore")) {
    const slots = view.argument(call, "value", 0)?.literal ?? "";
    if (call.result < 0 || !/^\d+$/.test(slots) || Number(slots) < 2) continue;
    const place = view.file.place(call.result);
    const key = view.program.locksets.identity(view.file, place);
    if (key !== undefined)
      found.set(key, { text: view.textOf(place), slots, start: call.start, end: call.end });
  }
  return found;
}
