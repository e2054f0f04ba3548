// I7: a list or dict is handed to a thread and then changed by the one who handed it over.
import type { Call } from "../../facts/facts.ts";
import type { ThreadEntry } from "../../program/threadEntries.ts";
import type { ObjectKind } from "../../program/types.ts";
import type { FileView } from "../fileView.ts";
import { handed, startingCall } from "../offLoop.ts";
import { defineFileRule } from "../rule.ts";
import { areExclusive } from "../shapes/branches.ts";

const starters = ["Thread", "Timer", "submit", "apply_async", "start_new_thread"];
/** Methods that change what the other thread is looking at; one `append` more is how threads talk. */
const mutators =
  /^(clear|update|pop|popitem|remove|insert|extend|sort|reverse|setdefault|subtract|difference_update|intersection_update)$/;
const filling = /^(append|extend|insert|add|update|setdefault|pop|popleft|popitem|clear|remove)$/;
/** Waiting for the thread, or for the pool's results. */
const waiting = ["join", "result", "wait", "as_completed", "shutdown", "close", "get", "terminate"];
const containers: ReadonlySet<ObjectKind> = new Set([
  "list",
  "dict",
  "set",
  "defaultdict",
  "Counter",
  "OrderedDict",
  "bytearray",
  "array",
  "unknown",
]);

interface Change {
  readonly start: number;
  readonly end: number;
  readonly context: number;
}

export default defineFileRule(
  {
    name: "args-mutated-after-start",
    summary: "An object handed to a thread is changed by its former owner while the thread works with it.",
    family: "thread lifecycle",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    if (view.callsNamed(...starters).length === 0) return;
    const { file, program } = view;
    const seen = new Set<number>();
    for (const entry of program.concurrency.entries) {
      if (entry.file !== file || entry.starter < 0) continue;
      const call = startingCall(entry);
      if (call === undefined) continue;
      const started = startOf(view, call);
      if (started === undefined) continue;
      for (const [position, given] of handed(call).entries()) {
        if (given < 0 || !isOwnContainer(view, call, given) || isFilledBy(entry, position)) continue;
        const change = changesOf(view, call, given).find((c) => meetsThread(view, call, started, given, c));
        if (change === undefined || seen.has(change.start)) continue;
        seen.add(change.start);
        const text = view.textOf(file.place(given));
        const target = entry.fn.file.facts.functions[entry.fn.index]!.qualifiedName;
        yield {
          start: change.start,
          end: change.end,
          fn: call.fn,
          symbol: text,
          message: `\`${text}\` was handed to ${entry.label} that runs \`${target}\`, and is changed here while that thread may be working with it: it sees the old content, the new, or half of both, and a loop over it fails. Hand over a copy, or make a new object here instead of changing this one.`,
          evidence: "proven",
          related: [
            {
              path: file.path,
              range: file.range(call.start, call.end),
              message: `\`${text}\` is handed over here`,
            },
          ],
        };
      }
    }
  },
);

/** From where on the thread runs; undefined when it is not started in this function. */
function startOf(view: FileView, call: Call): Call | undefined {
  const last = view.file.place(call.callee).path.at(-1) ?? view.file.place(call.callee).name;
  if (/^(submit|apply_async|start_new_thread)$/.test(last)) return call;
  return view.callsNamed("start").find((start) => start.fn === call.fn && start.end >= call.end);
}

/** A local container that this function made or was given, and that nobody captured. */
function isOwnContainer(view: FileView, call: Call, given: number): boolean {
  const place = view.file.place(given);
  if (place.root !== "local" || place.owner !== call.fn || place.path.length > 0) return false;
  const kinds = view.holding(given)?.kinds ?? new Set<ObjectKind>();
  for (const kind of kinds) if (!containers.has(kind) && kind !== "none") return false;
  return true;
}

/** Whether the thread's function stores into the object: then it is there for its results. */
function isFilledBy({ fn }: ThreadEntry, position: number): boolean {
  const { file, index } = fn;
  const { parameters, owner } = file.facts.functions[index]!;
  const name = parameters[owner >= 0 ? position + 1 : position];
  if (name === undefined) return true; // *args: nothing is known of it
  const isParameter = (at: number) => {
    const place = at < 0 ? undefined : file.place(at);
    return place?.root === "local" && place.owner === index && place.name === name;
  };
  return (
    file.facts.accesses.some(
      (a) => a.fn === index && a.op.startsWith("item-") && a.op !== "item-read" && isParameter(a.place),
    ) ||
    file.facts.calls.some(
      (c) => c.fn === index && isParameter(c.callee) && filling.test(file.place(c.callee).path.at(-1) ?? ""),
    )
  );
}

/** Where the function that handed the object over changes it, in the order of the text. */
function changesOf(view: FileView, call: Call, given: number): Change[] {
  const { file } = view;
  const { name, owner } = file.place(given);
  const changes: Change[] = file.facts.accesses.filter(
    ({ fn, op, place, detail }) =>
      fn === call.fn &&
      place === given &&
      (op === "item-store" || op === "item-augment" || op === "item-delete") &&
      !/^(true|false|bool|none)$/.test(detail), // a flag in a container is a flag
  );
  for (const { callee, fn, context, start, end } of file.facts.calls) {
    if (fn !== call.fn || callee < 0) continue;
    const place = file.place(callee);
    if (place.root !== "local" || place.name !== name || place.owner !== owner || place.path.length !== 1)
      continue;
    if (mutators.test(place.path[0]!)) changes.push({ start, end, context });
  }
  return changes.sort((a, b) => a.start - b.start);
}

/** Whether the thread may still be at work when the change is made, on this very object. */
function meetsThread(view: FileView, call: Call, started: Call, given: number, change: Change): boolean {
  const { file } = view;
  const { name, owner } = file.place(given);
  if (areExclusive(file, started.context, change.context)) return false;
  if (!view.locksAround(change.context)[Symbol.iterator]().next().done) return false;
  const bindings = file.bindingsOf("local", owner, name);
  const waits = view.callsNamed(...waiting).filter((c) => c.fn === call.fn && isWait(view, c));
  const between = (from: number, to: number) =>
    bindings.some((b) => b.start > from && b.start < to) || waits.some((w) => w.start > from && w.start < to);
  if (change.start > started.end) {
    return !between(started.end, change.start) && !isBehindBlock(view, call, change);
  }
  // In a loop, the change of the next round comes after the start of this one.
  const loop = commonLoop(view, call.context, change.context);
  if (loop === undefined) return false;
  const isNewEachRound = bindings.some((b) => b.start > loop);
  return !isNewEachRound && !waits.some((w) => w.start > loop);
}

/** `get` of a result or queue rather than of a mapping, `join` of a thread rather than of a path. */
function isWait(view: FileView, { callee, args }: Call): boolean {
  const last = view.file.place(callee).path.at(-1);
  if (last === "get") return args.every(({ keyword }) => keyword !== "");
  return last !== "join" || view.externalName(callee) !== "os.path.join";
}

/** Offset of the innermost loop around both, if any. */
function commonLoop(view: FileView, one: number, two: number): number | undefined {
  const { contexts } = view.file.facts;
  const around = new Set<number>();
  for (let at = one; at !== 0; at = contexts[at]!.parent) around.add(at);
  for (let at = two; at !== 0; at = contexts[at]!.parent) {
    if (around.has(at) && contexts[at]!.kind === "loop") return contexts[at]!.start;
  }
  return undefined;
}

/** Whether the change stands less deep than the call: the `with` of the pool may have ended in between. */
function isBehindBlock(view: FileView, call: Call, change: Change): boolean {
  const receiver = view.receiver(call);
  if (receiver === undefined) return false;
  const pool = view.textOf(receiver);
  const isManaged = view.file.facts.calls.some(
    (made) => made.managed && made.result >= 0 && view.textOf(view.file.place(made.result)) === pool,
  );
  const column = (offset: number) => view.file.range(offset, offset).startColumn;
  return isManaged && column(change.start) < column(call.start);
}
