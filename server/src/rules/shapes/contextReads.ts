// Context variables that a thread reads although only its starter has set them: threads do not simply inherit them.
import type { Call, FileFacts } from "../../facts/facts.ts";
import { type FileNode, keyOf, type Ref } from "../../program/fileNode.ts";
import type { ThreadEntry } from "../../program/threadEntries.ts";
import type { FileView } from "../fileView.ts";
import { startingCall } from "../offLoop.ts";

/** How deep the thread's calls and the starter's callers are followed. */
const deepestCall = 3;

export interface ContextRead {
  readonly entry: ThreadEntry;
  readonly start: Call;
  readonly variable: string;
  readonly set: { readonly file: FileNode; readonly call: Call };
  readonly read: { readonly file: FileNode; readonly call: Call };
}

/** Starts of threads in this file whose function reads what the function around the start, or its callers, have set. */
export function* inheritedReads(
  view: FileView,
  starts: (entry: ThreadEntry) => boolean,
): Iterable<ContextRead> {
  for (const entry of view.program.concurrency.entries) {
    if (entry.file !== view.file || entry.starter < 0 || !starts(entry)) continue;
    const start = startingCall(entry);
    if (start === undefined || start.args.some(({ keyword }) => keyword === "context")) continue;
    const uses = contextCalls(view, callees(view, entry.fn), "get");
    if (uses.size === 0) continue;
    const own = contextCalls(view, callees(view, entry.fn), "set");
    const around = contextCalls(view, callers(view, { file: view.file, index: entry.starter }), "set");
    for (const [variable, read] of uses) {
      const set = around.get(variable);
      if (set === undefined || own.has(variable)) continue;
      if (set.file === view.file && set.call.fn === start.fn && set.call.start > start.start) continue;
      yield { entry, start, variable: variable.slice(variable.indexOf(":") + 1), set, read };
      break;
    }
  }
}

/** Calls of a method of context variables in these functions, by the variable. */
function contextCalls(
  view: FileView,
  functions: readonly Ref[],
  method: "get" | "set",
): Map<string, { file: FileNode; call: Call }> {
  const found = new Map<string, { file: FileNode; call: Call }>();
  for (const { file, index } of functions) {
    for (const call of accessorCalls(file).get(index) ?? []) {
      const callee = file.place(call.callee);
      if (callee.path.at(-1) !== method) continue;
      const receiver = { ...callee, path: callee.path.slice(0, -1) };
      if (!view.program.resolver.holding(file, receiver)?.kinds.has("context-var")) continue;
      const location = view.program.locations.of(file, receiver);
      if (location === undefined || location.kind === "closure") continue;
      const key = `${location.key.replaceAll(":", "/")}:${view.textOf(receiver)}`;
      if (!found.has(key)) found.set(key, { file, call });
    }
  }
  return found;
}

/** Calls of any `get` and `set` by function; read once from each file's facts, which never change. */
const accessors = new WeakMap<FileFacts, Map<number, Call[]>>();

function accessorCalls({ facts }: FileNode): Map<number, Call[]> {
  let byFunction = accessors.get(facts);
  if (byFunction !== undefined) return byFunction;
  byFunction = new Map();
  for (const call of facts.calls) {
    const last = call.callee < 0 ? undefined : facts.places[call.callee]!.path.at(-1);
    if (last !== "get" && last !== "set") continue;
    const list = byFunction.get(call.fn);
    if (list === undefined) byFunction.set(call.fn, [call]);
    else list.push(call);
  }
  accessors.set(facts, byFunction);
  return byFunction;
}

function callees(view: FileView, start: Ref): Ref[] {
  return spread(start, (fn) =>
    view.program.callGraph.calleesOf(keyOf(fn.file, fn.index)).map((edge) => edge.fn),
  );
}

function callers(view: FileView, start: Ref): Ref[] {
  return spread(start, (fn) =>
    view.program.callGraph
      .callersOf(keyOf(fn.file, fn.index))
      .map((site) => ({ file: site.file, index: site.call.fn })),
  );
}

function spread(start: Ref, next: (fn: Ref) => readonly Ref[]): Ref[] {
  const found = new Map([[keyOf(start.file, start.index), start]]);
  let edge = [start];
  for (let depth = 0; depth < deepestCall && edge.length > 0; depth += 1) {
    const further: Ref[] = [];
    for (const fn of edge.flatMap(next)) {
      const key = keyOf(fn.file, fn.index);
      if (found.has(key)) continue;
      found.set(key, fn);
      further.push(fn);
    }
    edge = further;
  }
  return [...found.values()];
}
