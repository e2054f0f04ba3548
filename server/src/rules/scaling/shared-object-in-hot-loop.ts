// 6.2: safe is not scalable. Even reading one object from all threads makes them pass its reference count around.
import type { Access } from "../../facts/facts.ts";
import { keyOf } from "../../program/fileNode.ts";
import type { Location } from "../../program/locations.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { isTight, loopAround } from "../shapes/tightLoop.ts";

const containers = ["list", "dict", "set", "deque", "defaultdict", "Counter"] as const;

export default defineFileRule(
  {
    name: "shared-object-in-hot-loop",
    summary: "Worker threads use one shared object in every round of a loop that does little else.",
    family: "scaling",
    severity: "hint",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    const { file, program } = view;
    const seen = new Set<string>();
    for (const access of file.facts.accesses) {
      if (!/^(method|item-read|item-store)$/.test(access.op)) continue;
      if (!program.concurrency.isReached(keyOf(file, access.fn))) continue;
      const loop = loopAround(view, access.context);
      const location = loop === undefined ? undefined : hotLocation(view, access);
      if (loop === undefined || location === undefined || seen.has(`${loop}:${location.key}`)) continue;
      if (!countsRounds(view, loop)) continue;
      if (program.locksets.held(file, access.fn, access.context).size > 0) continue; // lock-in-hot-loop
      const reach = view.reach(access.fn);
      if (reach?.evidence !== "proven" || !reach.parallel) continue;
      if (!isTight(view, loop, (call) => call.start === access.start && call.end === access.end)) continue;
      seen.add(`${loop}:${location.key}`);
      const symbol = view.textOf(file.place(access.place));
      yield {
        start: access.start,
        end: access.end,
        fn: access.fn,
        symbol,
        message: `Every round of this loop ${what(access)} \`${symbol}\`, which all threads share. That is safe, but they contend for its ${costOf(access)}: in a measurement on 3.13t two threads got no more done than one. ${reach.because} ${remedy(access)}`,
        evidence: "proven",
        related: reach.trace,
      };
    }
  },
);

/** `for i in range(…)`: other loops may be over soon, or wait for what they iterate over. */
function countsRounds({ file, text }: FileView, loop: number): boolean {
  const { start } = file.facts.contexts[loop]!;
  return /^for\s+\w+\s+in\s+range\(/.test(text.slice(start, start + 80));
}

/** A container, or an object of a class of the program, in a variable that all threads see. */
function hotLocation({ file, program }: FileView, access: Access): Location | undefined {
  const place = file.place(access.place);
  if (place.root === "self" || (place.root === "local" && place.owner === access.fn)) return undefined;
  const location = program.locations.of(file, place);
  if (location === undefined || !/^(global|class|closure)$/.test(location.kind)) return undefined;
  const { kinds, classes } = location.holding;
  if (containers.some((kind) => kinds.has(kind))) return location;
  if (access.op !== "method" || !kinds.has("instance")) return undefined;
  const method = classes
    .map((cls) => program.resolver.method(cls, access.detail))
    .find((ref) => ref !== undefined);
  if (method === undefined) return undefined;
  // A method that takes a lock is lock-in-hot-loop's.
  const { contexts } = method.file.facts;
  return contexts.some(({ kind, fn }) => kind === "lock" && fn === method.index) ? undefined : location;
}

function what({ op, detail }: Access): string {
  if (op === "method") return `calls \`${detail}\` of`;
  return op === "item-read" ? "looks up in" : "stores into";
}

function costOf({ op, detail }: Access): string {
  const changes =
    op === "item-store" || /^(append|appendleft|pop|popleft|add|discard|setdefault|update)$/.test(detail);
  return changes ? "lock" : "reference count";
}

function remedy(access: Access): string {
  return costOf(access) === "lock"
    ? "Collect in a local object and merge it once, behind the loop."
    : "Give each thread a copy of its own, made before the loop.";
}
