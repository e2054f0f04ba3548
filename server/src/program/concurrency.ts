// What runs at once: which functions each thread entry reaches, and which the rest of the program reaches.
import type { CallGraph, CallSite } from "./callGraph.ts";
import { type FileNode, keyOf, type Ref } from "./fileNode.ts";
import type { ThreadEntry } from "./threadEntries.ts";

/** How a thread gets to a function: its start and the calls in between. */
export interface Route {
  readonly entry: ThreadEntry;
  readonly calls: readonly CallSite[];
}

export class Concurrency {
  /** For each function, the entries that reach it and the call it was first reached by. */
  private readonly reached = new Map<number, Map<number, { from: number; site: CallSite | undefined }>>();
  private readonly known = new Map<number, readonly Route[]>();
  private readonly outside = new Set<number>();
  private readonly entryFunctions = new Set<number>();

  constructor(
    private readonly graph: CallGraph,
    readonly entries: readonly ThreadEntry[],
    files: Iterable<FileNode>,
  ) {
    entries.forEach((entry, index) => {
      this.entryFunctions.add(keyOf(entry.fn.file, entry.fn.index));
      this.spread(entry.fn, index);
    });
    if (entries.length > 0) this.spreadOutside(files);
  }

  isEntry(fn: number): boolean {
    return this.entryFunctions.has(fn);
  }

  private spread(start: Ref, entry: number): void {
    const queue: number[] = [keyOf(start.file, start.index)];
    this.mark(queue[0]!, entry, -1, undefined);
    for (let i = 0; i < queue.length; i += 1) {
      const from = queue[i]!;
      for (const { fn, site } of this.graph.calleesOf(from)) {
        const to = keyOf(fn.file, fn.index);
        if (this.mark(to, entry, from, site)) queue.push(to);
      }
    }
  }

  private mark(fn: number, entry: number, from: number, site: CallSite | undefined): boolean {
    let routes = this.reached.get(fn);
    if (routes === undefined) {
      routes = new Map();
      this.reached.set(fn, routes);
    }
    if (routes.has(entry)) return false;
    routes.set(entry, { from, site });
    return true;
  }

  /** Functions that run on threads which no entry starts: module code, public functions, and what they call. */
  private spreadOutside(files: Iterable<FileNode>): void {
    const queue: number[] = [];
    const add = (fn: number) => {
      if (this.outside.has(fn)) return;
      this.outside.add(fn);
      queue.push(fn);
    };
    for (const file of files) {
      file.facts.functions.forEach((fact, index) => {
        const key = keyOf(file, index);
        if (this.isEntry(key)) return;
        const isCalled = this.graph.callersOf(key).length > 0;
        const isPublic = !fact.name.startsWith("_") && fact.parent <= 0 && fact.name !== "<lambda>";
        const isUncalled = !isCalled && fact.parent <= 0;
        // A public helper that only thread entries call belongs to the thread.
        const threadOnly = isCalled && !isPublic && this.reached.has(key);
        if (index === 0 || ((isPublic || isUncalled || isDunder(fact.name)) && !threadOnly)) {
          if (!(isPublic && this.onlyFromThreads(key))) add(key);
        }
      });
    }
    for (let i = 0; i < queue.length; i += 1) {
      for (const { fn } of this.graph.calleesOf(queue[i]!)) add(keyOf(fn.file, fn.index));
    }
  }

  /** A module function whose every known caller already runs in a thread. */
  private onlyFromThreads(fn: number): boolean {
    const callers = this.graph.callersOf(fn);
    return callers.length > 0 && callers.every((site) => this.reached.has(keyOf(site.file, site.call.fn)));
  }

  /** Routes by which threads reach the function. */
  routes(fn: number): readonly Route[] {
    let routes = this.known.get(fn);
    if (routes === undefined) {
      routes = this.findRoutes(fn);
      this.known.set(fn, routes);
    }
    return routes;
  }

  private findRoutes(fn: number): Route[] {
    const routes: Route[] = [];
    for (const entry of this.reached.get(fn)?.keys() ?? []) {
      const calls: CallSite[] = [];
      for (let at = fn, step = this.reached.get(at)?.get(entry); step?.site !== undefined; ) {
        calls.unshift(step.site);
        at = step.from;
        step = this.reached.get(at)?.get(entry);
        if (calls.length > 20) break;
      }
      routes.push({ entry: this.entries[entry]!, calls });
    }
    return routes;
  }

  isReached(fn: number): boolean {
    return this.reached.has(fn);
  }

  /** Whether the function also runs on a thread that no entry starts, such as the main one. */
  runsOutside(fn: number): boolean {
    return this.outside.has(fn);
  }
}

function isDunder(name: string): boolean {
  return name.startsWith("__") && name.endsWith("__");
}
