// How much is known of two accesses meeting on two threads: proven by the program's own thread starts, likely
// because the code is written for threads, or merely possible for whoever calls it.
import type { Access, FunctionFact } from "../facts/facts.ts";
import type { Evidence } from "../findings/finding.ts";
import type { Route } from "./concurrency.ts";
import { type FileNode, keyOf } from "./fileNode.ts";
import type { Intent } from "./intent.ts";
import { accessOf, type Location, type Site } from "./locations.ts";
import type { Program } from "./program.ts";

export interface Meeting {
  readonly evidence: Evidence;
  /** How a thread gets to the first access, when known. */
  readonly route: Route | undefined;
  /** How a thread gets to the other access; undefined for code outside the known threads. */
  readonly otherRoute: Route | undefined;
}

export class EvidenceFinder {
  constructor(
    private readonly program: Program,
    private readonly intent: Intent,
  ) {}

  /** How much is known of two accesses meeting; undefined when they do not, or when nothing suggests it. */
  find(site: Site, other: Site, location: Location): Meeting | undefined {
    const { concurrency } = this.program;
    const here = keyOf(site.file, accessOf(site).fn);
    const there = keyOf(other.file, accessOf(other).fn);
    const routes = concurrency.routes(here).filter((route) => this.shares(route, location));
    const otherRoutes = concurrency.routes(there).filter((route) => this.shares(route, location));
    for (const route of routes) {
      for (const otherRoute of otherRoutes) {
        if (route.entry !== otherRoute.entry || this.isParallel(route, location)) {
          return { evidence: "proven", route, otherRoute };
        }
      }
      if (site !== other && concurrency.runsOutside(there) && !this.isOrdered(other, route)) {
        return { evidence: "proven", route, otherRoute: undefined };
      }
    }
    if (site !== other && concurrency.runsOutside(here)) {
      for (const otherRoute of otherRoutes) {
        if (!this.isOrdered(site, otherRoute)) return { evidence: "proven", route: undefined, otherRoute };
      }
    }
    const onlyThere = otherRoutes.length > 0 && !concurrency.runsOutside(there);
    if (site !== other && onlyThere && otherRoutes.every((route) => this.isOrdered(site, route)))
      return undefined;
    // Two places that one and the same thread passes one after the other.
    const onlyHere = routes.length > 0 && !concurrency.runsOutside(here);
    if (onlyHere && onlyThere) return undefined;
    // A function that runs both in one thread and outside of it races with itself.
    if (site === other && routes[0] !== undefined && concurrency.runsOutside(here)) {
      return { evidence: "proven", route: routes[0], otherRoute: undefined };
    }
    // Code that only one thread of its own runs, and nobody else writes, does not meet itself.
    if (site === other && routes.length > 0 && !concurrency.runsOutside(here)) return undefined;
    if (!this.mayBeCalledByThreads(site, location)) return undefined;
    const intended = this.intent.isShared(location, site);
    return { evidence: intended ? "likely" : "exposed", route: routes[0], otherRoute: otherRoutes[0] };
  }

  /** Whether threads that nobody has shown to us could come here. */
  private mayBeCalledByThreads(site: Site, location: Location): boolean {
    const { fn } = accessOf(site);
    if (fn === 0 || this.intent.runsOnlyFromTopLevel({ file: site.file, index: fn })) return false;
    if (this.isOwner(site.file, fn, location)) return false;
    switch (location.kind) {
      case "closure":
        return fn !== location.fn && (this.intent.isShared(location, site) || this.escapes(site, location));
      case "instance":
        return !this.intent.isConfined(location.cls!) && !isLifecycle(site.file.facts.functions[fn]!);
      default:
        return !/^_*(at_?exit|exit|shutdown|cleanup|teardown)/i.test(site.file.facts.functions[fn]!.name);
    }
  }

  /** Whoever starts the threads, and `main`, runs in one thread: the program's own. */
  private isOwner(file: FileNode, fn: number, location: Location): boolean {
    if (file.facts.functions[fn]!.name === "main") return true;
    if (location.kind === "instance") return false; // `self._ensure_thread()` can be called by anybody
    return this.program.concurrency.entries.some((entry) => entry.file === file && entry.starter === fn);
  }

  /** Whether several threads of one entry meet at the location. */
  private isParallel(route: Route, location: Location): boolean {
    if (!route.entry.parallel) return false;
    return (
      location.kind !== "instance" || route.entry.receiver === "shared" || !this.isReceiver(route, location)
    );
  }

  /** Whether what a thread of this route touches is also known outside of that thread. */
  private shares(route: Route, location: Location): boolean {
    const { fn, receiver } = route.entry;
    switch (location.kind) {
      case "closure":
        return this.isInside(fn.file, fn.index, location);
      case "instance":
        if (this.isReceiver(route, location)) return receiver !== "private";
        if (receiver !== "private" && this.isKeptByReceiver(route, location)) return true;
        if (route.entry.given.some((cls) => this.isRelated(location, cls.file, cls.index))) return true;
        return (
          this.isInsideMethod(fn.file, fn.index, location) || this.isReachedThroughGlobal(route, location)
        );
      default:
        return true;
    }
  }

  /** Whether the function that owns the variable returns the inner one: a decorator's wrapper, for instance. */
  private escapes(site: Site, location: Location): boolean {
    const { functions } = location.file.facts;
    // What a parameter brings in may be the caller's own.
    if (functions[location.fn]!.parameters.includes(location.name)) return false;
    return functions[location.fn]!.returns.some((place) => {
      const named = location.file.place(place);
      return location.file.nestedFunction(named.owner, named.name) === accessOf(site).fn;
    });
  }

  /** Whether the entry is an inner function of the one that owns the variable. */
  private isInside(file: FileNode, fn: number, location: Location): boolean {
    if (file !== location.file) return false;
    for (let at = file.facts.functions[fn]!.parent; at > 0; at = file.facts.functions[at]!.parent) {
      if (at === location.fn) return true;
    }
    return false;
  }

  /** Whether the entry is an inner function of a method, which captures `self`. */
  private isInsideMethod(file: FileNode, fn: number, location: Location): boolean {
    for (let at = file.facts.functions[fn]!.parent; at > 0; at = file.facts.functions[at]!.parent) {
      const { owner } = file.facts.functions[at]!;
      if (owner >= 0) return this.isRelated(location, file, owner);
    }
    return false;
  }

  /** Whether the location belongs to the object whose method the entry is. */
  private isReceiver(route: Route, location: Location): boolean {
    const { file, index } = route.entry.fn;
    const { owner } = file.facts.functions[index]!;
    return owner >= 0 && this.isRelated(location, file, owner);
  }

  /** Whether the thread comes to the object by way of a module variable: `STATS.record()`. */
  private isReachedThroughGlobal(route: Route, location: Location): boolean {
    if (!this.intent.isHeldGlobally(location)) return false;
    return (
      route.calls.length === 0 ||
      route.calls.some(({ file, call }) => {
        const callee = file.place(call.callee);
        if (callee.root !== "global" || callee.path.length === 0) return false;
        const held = this.program.resolver.holding(file, { ...callee, path: callee.path.slice(0, -1) });
        return held?.classes.some((cls) => this.isRelated(location, cls.file, cls.index)) ?? false;
      })
    );
  }

  private isKeptByReceiver(route: Route, location: Location): boolean {
    const { file, index } = route.entry.fn;
    const { owner } = file.facts.functions[index]!;
    return owner >= 0 && this.intent.keeps({ file, index: owner }, location.cls!);
  }

  private isRelated(location: Location, file: FileNode, cls: number): boolean {
    return this.program.resolver
      .lineage({ file, index: cls })
      .some((ref) => ref.file === location.cls?.file && ref.index === location.cls.index);
  }

  /**
   * Whether the function of the access starts all threads of its file, and the access stands before them, where the
   * variable is the function's own, or behind the join.
   */
  isApartFromThreads(site: Site, location: Location): boolean {
    const access = accessOf(site);
    const { entries } = this.program.concurrency;
    const own = entries.filter(({ file }) => file === site.file);
    const isMade = location.kind === "closure" && location.fn === access.fn && !isInLoop(site.file, access);
    return (
      own.length > 0 &&
      !this.program.concurrency.isReached(keyOf(site.file, access.fn)) &&
      own.every(
        ({ starter, start, end }) =>
          starter === access.fn && (isAfterJoin(site.file, access, end) || (isMade && access.start < start)),
      )
    );
  }

  /** Whether a join or the start itself orders the access against the thread of the route. */
  private isOrdered(site: Site, route: Route): boolean {
    const access = accessOf(site);
    const { entry } = route;
    if (entry.file !== site.file || entry.starter !== access.fn) return false;
    const startsOnce =
      access.fn === 0 || !entry.parallel || site.file.facts.functions[access.fn]!.name === "main";
    if (access.start < entry.start) return startsOnce && !isInLoop(site.file, access);
    return isAfterJoin(site.file, access, entry.end);
  }
}

function isInLoop(file: FileNode, access: Access): boolean {
  for (let at = access.context; at !== 0; at = file.facts.contexts[at]!.parent) {
    if (file.facts.contexts[at]!.kind === "loop") return true;
  }
  return false;
}

/** Whether between the start and the access the same function joins its threads or leaves the executor. */
function isAfterJoin(file: FileNode, access: Access, startEnd: number): boolean {
  const { calls, contexts } = file.facts;
  for (const call of calls) {
    if (call.fn !== access.fn || call.callee < 0 || call.end > access.start || call.start < startEnd)
      continue;
    const method = file.place(call.callee).path.at(-1) ?? file.place(call.callee).name;
    if (method === "join" || method === "shutdown" || method === "wait" || method === "result") return true;
  }
  // Behind `with ThreadPoolExecutor() as pool:` all of its tasks are done.
  for (const context of contexts) {
    if (context.kind !== "lock" || context.start > startEnd) continue;
    const place = file.place(context.place);
    const callee = place.root === "call" ? file.place(place.owner) : place;
    if (!/Executor|Pool/.test([callee.name, ...callee.path].join("."))) continue;
    let inside = false;
    for (let at = access.context; at !== 0; at = contexts[at]!.parent) inside ||= contexts[at] === context;
    if (!inside && access.start > startEnd) return true;
  }
  return false;
}

/** Methods by which an owner starts, stops and tears down: called by one thread, however shared the object. */
function isLifecycle({ name, required }: FunctionFact): boolean {
  if (name === "__exit__") return true;
  // `close(name)` acts on one of many things.
  if (required > 1) return false;
  return (
    /^_*(close|stop|start|shutdown|terminate|detach|cleanup|clean_?up|dispose|finalize|teardown|fork|main|exit|quit)(_\w+)?$/i.test(
      name,
    ) ||
    /^_*(do_|on_|before_|after_|at_?)?(exit|fork|close|stop|shutdown)\w*$/i.test(name) ||
    name === "__exit__" ||
    name === "__enter__" ||
    name === "__del__"
  );
}
