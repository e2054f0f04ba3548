// Decides whether a compound operation can meet another thread: which conflicting accesses there are, which
// locks both sides hold, and how much is known about the threads that run them.
import type { Access } from "../facts/facts.ts";
import type { Evidence } from "../findings/finding.ts";
import type { Match } from "../rules/rule.ts";
import type { Route } from "./concurrency.ts";
import { type FileNode, keyOf } from "./fileNode.ts";
import type { Intent } from "./intent.ts";
import type { Location, Site } from "./locations.ts";
import { callersLock, isConstructor, type LockKey } from "./locksets.ts";
import type { Program } from "./program.ts";

export interface Race {
  readonly evidence: Evidence;
  /** The access of the other thread; the same site when the operation races with itself. */
  readonly other: Site;
  /** How a thread gets to this operation, when known. */
  readonly route: Route | undefined;
  /** How a thread gets to the other access; undefined for code outside the known threads. */
  readonly otherRoute: Route | undefined;
  /** The lock that guards the location elsewhere. */
  readonly guard: Guard | undefined;
}

/** The lock that most accesses of a location hold. */
export interface Guard {
  readonly lock: LockKey;
  /** Source text of the lock at one of the accesses. */
  readonly text: string;
  readonly site: Site;
  readonly guarded: number;
  readonly total: number;
}

export class RaceFinder {
  private readonly guards = new Map<Location, Guard | null>();

  constructor(
    private readonly program: Program,
    private readonly intent: Intent,
  ) {}

  /** The race that a matched operation takes part in, or undefined when it is safe. */
  find(site: Site, location: Location, match: Match): Race | undefined {
    if (!this.isConcurrentPlace(site)) return undefined;
    if (location.kind === "closure" && !isCaptured(location)) return undefined;
    if (match.unlocked !== true && this.protection(site, match).size > 0) return undefined;
    let best: Race | undefined;
    for (const other of this.conflicts(site, location, match)) {
      const otherLocks = this.program.locksets.held(other.file, accessOf(other).fn, accessOf(other).context);
      if (otherLocks.has(callersLock)) continue;
      const found = this.evidence(site, other, location);
      if (found === undefined) continue;
      if (best === undefined || rank(found.evidence) > rank(best.evidence)) {
        best = { ...found, other, guard: this.guardOf(location) };
        if (found.evidence === "proven") break;
      }
    }
    return best;
  }

  /** Locks held from the operation's first access to its last without a gap. */
  private protection(site: Site, match: Match): ReadonlySet<LockKey> {
    const { file } = site;
    const access = accessOf(site);
    const { locksets } = this.program;
    const entry = locksets.heldOnEntry({ file, index: access.fn });
    if (match.first === undefined) return locksets.held(file, access.fn, access.context);
    const first = file.facts.accesses[match.first]!;
    const common = commonContext(file, first.context, access.context);
    return new Set([...entry, ...locksets.heldWithin(file, common)]);
  }

  private *conflicts(site: Site, location: Location, match: Match): Iterable<Site> {
    // The operation itself first: the simplest story is two threads doing the same thing.
    if (match.withItself) yield site;
    for (const other of location.sites) {
      if (other.file === site.file && other.access === site.access) continue;
      const access = accessOf(other);
      if (!match.conflicts(access) || !this.isConcurrentPlace(other)) continue;
      yield other;
    }
  }

  /** Import-time code and constructors run before any other thread knows the data. */
  isConcurrentPlace(site: Site): boolean {
    const access = accessOf(site);
    const fn = site.file.facts.functions[access.fn]!;
    if (access.fn === 0) return isUnderMain(site.file, access);
    const place = site.file.place(access.place);
    if (place.root === "self" && isConstructor(fn.name) && fn.owner >= 0) return false;
    if (place.root === "self" && this.intent.runsOnlyInConstructor({ file: site.file, index: access.fn }))
      return false;
    if (place.root === "local" && place.path.length > 0) return !this.isFresh(site.file, access);
    if (place.root === "global" || place.root === "class") {
      return !this.intent.runsOnlyAtImport({ file: site.file, index: access.fn });
    }
    return true;
  }

  /** An object made in this same function, which nobody else knows yet. */
  private isFresh(file: FileNode, access: Access): boolean {
    const place = file.place(access.place);
    if (place.owner !== access.fn) return false;
    return file.bindingsOf("local", place.owner, place.name).some((b) => b.value === "call");
  }

  private evidence(site: Site, other: Site, location: Location): Omit<Race, "other" | "guard"> | undefined {
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
    // A function that runs both in one thread and outside of it races with itself.
    if (site === other && routes[0] !== undefined && concurrency.runsOutside(here)) {
      return { evidence: "proven", route: routes[0], otherRoute: undefined };
    }
    if (location.kind === "closure" && accessOf(site).fn === location.fn) return undefined;
    if (location.kind === "closure" && !this.intent.isShared(location, site)) return undefined;
    if (location.kind === "instance" && this.intent.isConfined(location.cls!)) return undefined;
    if (accessOf(site).fn === 0 || isLifecycle(site.file.facts.functions[accessOf(site).fn]!.name))
      return undefined;
    // Code that only one thread of its own runs, and nobody else writes, does not meet itself.
    if (site === other && routes.length > 0 && !concurrency.runsOutside(here)) return undefined;
    const intended = this.intent.isShared(location, site);
    return { evidence: intended ? "likely" : "exposed", route: routes[0], otherRoute: otherRoutes[0] };
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
        return this.intent.isHeldGlobally(location) || this.isInsideMethod(fn.file, fn.index, location);
      default:
        return true;
    }
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

  private isRelated(location: Location, file: FileNode, cls: number): boolean {
    return this.program.resolver
      .lineage({ file, index: cls })
      .some((ref) => ref.file === location.cls?.file && ref.index === location.cls.index);
  }

  /** Whether a join or the start itself orders the access against the thread of the route. */
  private isOrdered(site: Site, route: Route): boolean {
    const access = accessOf(site);
    const { entry } = route;
    if (entry.file !== site.file || entry.starter !== access.fn) return false;
    if (access.start < entry.start) return !isInLoop(site.file, access);
    return isAfterJoin(site.file, access, entry.end);
  }

  /** The lock that guards the location wherever it is guarded; undefined when no lock is used consistently. */
  guardOf(location: Location): Guard | undefined {
    const known = this.guards.get(location);
    if (known !== undefined) return known ?? undefined;
    const counts = new Map<LockKey, { count: number; site: Site }>();
    let total = 0;
    for (const site of location.sites) {
      if (!this.isConcurrentPlace(site)) continue;
      total += 1;
      const access = accessOf(site);
      for (const lock of this.program.locksets.held(site.file, access.fn, access.context)) {
        if (lock === callersLock || lock === location.key) continue;
        const seen = counts.get(lock);
        if (seen === undefined) counts.set(lock, { count: 1, site });
        else seen.count += 1;
      }
    }
    let best: Guard | undefined;
    for (const [lock, { count, site }] of counts) {
      if (best !== undefined && best.guarded >= count) continue;
      best = { lock, text: this.lockText(site, lock), site, guarded: count, total };
    }
    this.guards.set(location, best ?? null);
    return best;
  }

  private lockText(site: Site, lock: LockKey): string {
    const { contexts } = site.file.facts;
    for (let at = accessOf(site).context; at !== 0; at = contexts[at]!.parent) {
      const context = contexts[at]!;
      if (context.kind !== "lock") continue;
      if (this.program.locksets.heldWithin(site.file, at).at(-1) !== lock) continue;
      const place = site.file.place(context.place);
      if (place.root === "self") return ["self", ...place.path].join(".");
      if (place.root === "class") return ["cls", ...place.path].join(".");
      if (place.root === "call") return "";
      return [place.name, ...place.path].join(".");
    }
    return "";
  }
}

export function accessOf(site: Site): Access {
  return site.file.facts.accesses[site.access]!;
}

/** Methods by which an owner starts, stops and tears down: called by one thread, however shared the object. */
function isLifecycle(name: string): boolean {
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

/** Whether an inner function uses the variable; otherwise each call has one of its own. */
function isCaptured(location: Location): boolean {
  for (const site of location.sites) if (accessOf(site).fn !== location.fn) return true;
  return false;
}

function rank(evidence: Evidence): number {
  return evidence === "proven" ? 2 : evidence === "likely" ? 1 : 0;
}

function commonContext(file: FileNode, a: number, b: number): number {
  const chain = new Set<number>();
  for (let at = a; at !== 0; at = file.facts.contexts[at]!.parent) chain.add(at);
  for (let at = b; at !== 0; at = file.facts.contexts[at]!.parent) if (chain.has(at)) return at;
  return 0;
}

function isUnderMain(file: FileNode, access: Access): boolean {
  for (let at = access.context; at !== 0; at = file.facts.contexts[at]!.parent) {
    if (file.facts.contexts[at]!.kind === "main") return true;
  }
  return false;
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
