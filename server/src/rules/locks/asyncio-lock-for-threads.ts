// A fix gone wrong: an asyncio lock is to guard data that threads touch, which never ask it.
import type { Access } from "../../facts/facts.ts";
import { type FileNode, keyOf } from "../../program/fileNode.ts";
import { accessOf } from "../../program/locations.ts";
import { isMutatingMethod } from "../../program/types.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { traceOf } from "../threadReach.ts";

export default defineFileRule(
  {
    name: "asyncio-lock-for-threads",
    summary: "An asyncio lock guards data that a thread changes without it.",
    family: "locks",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { file, program } = view;
    const locks = asyncLocks(view);
    if (locks.size === 0) return;
    const told = new Set<number>();
    for (const access of file.facts.accesses) {
      const lock = lockAround(view, access.context, locks);
      if (lock === undefined || told.has(lock)) continue;
      const location = program.locationOf(file, access);
      if (location === undefined || !touches(access)) continue;
      for (const site of location.sites) {
        const other = accessOf(site);
        if (other.op === "read" || !touches(other) || !conflict(access, other)) continue;
        const [route] = routesTo(view, site.file, other);
        if (route === undefined) continue;
        told.add(lock);
        const { place, start, fn } = file.facts.contexts[lock]!;
        const text = view.textOf(file.place(place));
        const data = view.textOf(file.place(access.place));
        yield {
          start,
          end: start + text.length,
          fn,
          symbol: text,
          message: `\`${text}\` is an asyncio lock: it makes tasks of one event loop wait for each other and knows nothing of threads. \`${site.file.facts.functions[other.fn]!.qualifiedName}\` changes \`${data}\` in ${route.entry.label} at the same time, and one of the updates is lost. Guard the data with a threading.Lock on both sides, held without any await, or leave it to the loop (call_soon_threadsafe).`,
          evidence: "proven",
          related: [
            ...traceOf(route),
            {
              path: site.file.path,
              range: site.file.range(other.start, other.end),
              message: `the thread changes \`${data}\` here`,
            },
          ],
        };
        break;
      }
    }
  },
);

/** Contexts that hold an asyncio lock. */
function asyncLocks({ file, program }: FileView): Set<number> {
  const found = new Set<number>();
  file.facts.contexts.forEach(({ kind, detail, place }, index) => {
    if (kind !== "lock" || detail !== "async" || place < 0) return;
    if (program.resolver.holding(file, file.place(place))?.kinds.has("async-lock")) found.add(index);
  });
  return found;
}

function lockAround({ file }: FileView, context: number, locks: ReadonlySet<number>): number | undefined {
  for (let at = context; at !== 0; at = file.facts.contexts[at]!.parent) if (locks.has(at)) return at;
  return undefined;
}

function touches({ op, detail }: Access): boolean {
  if (op === "method") return isMutatingMethod(detail);
  return op !== "read" && op !== "contains" && op !== "length" && op !== "argument" && op !== "escape";
}

/** Whether one of the two takes more than one step. */
function conflict(a: Access, b: Access): boolean {
  const isLong = ({ op }: Access) => op === "augment" || op === "item-augment" || op === "iterate";
  return isLong(a) || isLong(b);
}

/** Ways of a thread to ordinary code; coroutines that a thread's own loop runs are left alone. */
function routesTo({ program }: FileView, file: FileNode, { fn }: Access) {
  if (file.facts.functions[fn]!.isAsync) return [];
  return program.concurrency.routes(keyOf(file, fn));
}
