// Finds all places that have to take the lock if one location is to be safe: the compound operations on it, and the
// single accesses that would break one of them. What CPython does in one step, and no operation relies on, stays out.
import type { Access } from "../../facts/facts.ts";
import type { GuardConflict, GuardPlan, GuardSite, ObjectCopy } from "../../findings/finding.ts";
import { type FileNode, keyOf } from "../../program/fileNode.ts";
import { accessOf, type Location, type Site } from "../../program/locations.ts";
import { mutates } from "../../program/operations.ts";
import type { Program } from "../../program/program.ts";
import type { Guard, RaceFinder } from "../../program/races.ts";
import type { AccessView } from "../accessView.ts";
import type { Match, Rule } from "../rule.ts";
import { callsWithoutLock, decidedByCalls, decidedCalls, isCalledUnderLock, type Place } from "./callers.ts";
import { copiedApart, copiedClasses } from "./copied.ts";
import { nearby, putBack, untilUnmarked } from "./nearby.ts";
import { conflictOf, isReentrant, type LockedRegion } from "./order.ts";
import { OwnLocks } from "./ownLock.ts";
import { classesWithOwnStart } from "./ownStart.ts";
import { Reentry } from "./reentry.ts";
import { operationRange, siteOf, snapshotOf } from "./request.ts";

/** More places than this are no quick fix. */
const mostSites = 60;

interface Compound {
  readonly site: Site;
  readonly view: AccessView;
  readonly rule: Rule;
  readonly match: Match;
}

export class GuardPlanner {
  private readonly plans = new Map<Location, GuardPlan | null>();
  /** By location, what its plan leaves out because all its callers will hold the lock. */
  private readonly called = new Map<Location, readonly Place[]>();
  private bypasses: Map<number, string> | undefined;
  private copies: Map<number, ObjectCopy[]> | undefined;
  private apart: Map<number, string> | undefined;
  private readonly reentry: Reentry;
  private readonly ownLocks: OwnLocks;

  constructor(
    private readonly program: Program,
    private readonly races: RaceFinder,
    private readonly rules: readonly Rule[],
    private readonly viewOf: (file: FileNode, access: number, location: Location) => AccessView,
  ) {
    this.reentry = new Reentry(program);
    this.ownLocks = new OwnLocks(program, this.reentry);
  }

  /** The plan for a location; undefined when fewer than two places need the lock. */
  planFor(location: Location): GuardPlan | undefined {
    let plan = this.plans.get(location);
    if (plan === undefined) {
      plan = this.make(location) ?? null;
      this.plans.set(location, plan);
    }
    return plan ?? undefined;
  }

  /** Whether the plan of the location leaves an access out because all callers of its function will hold the lock. */
  isLeftToCallers(location: Location, file: FileNode, { start, end, fn }: Access): boolean {
    const places = this.called.get(location) ?? [];
    return places.some(
      ({ region }) => region.file === file && region.fn === fn && region.start <= start && end <= region.end,
    );
  }

  /**
   * Who changes the data without the lock, so that taking it in this operation alone keeps nobody out; undefined when
   * the operation meets its like, or others hold the lock already.
   */
  onlyIntruder(site: Site, location: Location, match: Match, region: LockedRegion): string | undefined {
    if (match.withItself) return undefined;
    const others = location.sites.filter(
      (other) =>
        !isSame(other, site) && match.conflicts(accessOf(other)) && this.races.isConcurrentPlace(other),
    );
    if (others.some((other) => this.races.isProtected(other, location, alone))) return undefined;
    const isInside = (other: Site) => {
      const { start, end, fn } = accessOf(other);
      return other.file === region.file && fn === region.fn && region.start <= start && end <= region.end;
    };
    const [first] = others;
    if (first === undefined || others.some(isInside)) return undefined;
    return first.file.facts.functions[accessOf(first).fn]!.qualifiedName;
  }

  /** Whether the region may come back to itself. */
  callsBack(region: LockedRegion): boolean {
    return this.reentry.comesBack([region]);
  }

  /** Somebody else's code that runs in the region. */
  foreignCallIn(region: LockedRegion): string | undefined {
    return this.reentry.foreignCall(region);
  }

  /** The lock beside data that no lock guards yet, as a source text with its file, if the region may run under it. */
  ownLock(location: Location, region: LockedRegion): { text: string; path: string } | undefined {
    const lock = this.ownLocks.beside(location);
    if (lock === undefined || !this.ownLocks.suits(lock, [region])) return undefined;
    return { text: lock.text, path: lock.file.path };
  }

  /** Accesses that belong to the operation at this one if they are near it. */
  nearby(view: AccessView): GuardSite["nearby"] {
    const concurrent = view.location.sites.filter((site) => this.races.isConcurrentPlace(site));
    return nearby(view, concurrent);
  }

  /** Why taking the lock at one place alone would be wrong. */
  conflictAt(region: LockedRegion, guard: Guard | undefined): GuardConflict | undefined {
    return conflictOf(this.program, this.reentry, [region], guard?.lock);
  }

  /** A class whose `__init__` does not call that of the owner, so that a lock made there would be missing. */
  bypassing({ kind, cls }: Location): string | undefined {
    if (kind !== "instance" || cls === undefined) return undefined;
    this.bypasses ??= classesWithOwnStart(this.program);
    return this.bypasses.get(keyOf(cls.file, cls.index));
  }

  /** What copies the objects that own the location. */
  copying({ kind, cls }: Location): readonly ObjectCopy[] | undefined {
    if ((kind !== "instance" && kind !== "class") || cls === undefined) return undefined;
    this.copies ??= copiedClasses(this.program);
    return this.copies.get(keyOf(cls.file, cls.index));
  }

  /** A method of another file that decides how such objects are copied. */
  copyingApart({ kind, cls }: Location): string | undefined {
    if ((kind !== "instance" && kind !== "class") || cls === undefined) return undefined;
    this.apart ??= copiedApart(this.program);
    return this.apart.get(keyOf(cls.file, cls.index));
  }

  private make(location: Location): GuardPlan | undefined {
    if (location.sites.length > 2_000) return undefined;
    const guard = firm(this.races.guardOf(location));
    const concurrent = location.sites.filter(
      (site) => this.races.isConcurrentPlace(site) && !this.races.isApartFromThreads(site, location),
    );
    const compounds = concurrent
      .flatMap((site) => this.compoundAt(site, location) ?? [])
      .filter(({ site, match }) => isBrokenBySome(site, match, concurrent));
    const relied = compounds.filter(
      ({ view, rule }) => rule.meta.family !== "iteration" || !snapshotOf(view),
    );
    // `rows = [… for row in rows]` loses what is appended meanwhile.
    const isRebuilt = relied.some(
      ({ site }) => accessOf(site).op === "augment" && accessOf(site).detail === "=",
    );
    const places: Place[] = [];
    const unguarded = compounds.filter(({ site, match }) => !this.races.isProtected(site, location, match));
    for (const { site, view, rule, match } of unguarded) {
      const snapshot = rule.meta.family === "iteration" ? snapshotOf(view) : undefined;
      const around = nearby(view, concurrent);
      places.push(
        place(site, location, operationRange(site.file, accessOf(site), untilUnmarked(view, match)), {
          ...(snapshot !== undefined && { snapshot }),
          ...(around !== undefined && { nearby: around }),
        }),
      );
    }
    for (const site of concurrent) {
      const access = accessOf(site);
      if (compounds.some((compound) => isSame(compound.site, site))) continue;
      const breaks = relied.some(({ match }) => match.conflicts(access)) || (isRebuilt && mutates(access));
      if (!breaks || this.races.isProtected(site, location, alone)) continue;
      places.push(this.single(site, location, concurrent));
    }
    for (const site of this.expectedToHold(location, concurrent, places, guard)) {
      places.push(this.single(site, location, concurrent));
    }
    places.push(...this.decidedElsewhere(location, places, guard));
    const raised =
      guard === undefined
        ? places
        : places.flatMap((one) => callsWithoutLock(this.program, one, guard.lock) ?? one);
    const needed = raised.filter((one) => !isCalledUnderLock(this.program, one, raised));
    const called = raised.filter((one) => !needed.includes(one));
    if (needed.length + called.length < 2 || needed.length > mostSites) return undefined;
    this.called.set(location, called);
    const locked = needed.filter(({ site }) => site.snapshot === undefined).map(({ region }) => region);
    if (locked.length === 0) return undefined;
    const foreign = locked.map((region) => this.foreignCallIn(region)).find(Boolean);
    const conflict: GuardConflict | undefined =
      unguarded.map(({ view }) => putBack(view)).find(Boolean) ??
      conflictOf(this.program, this.reentry, locked, guard?.lock);
    const own = guard === undefined ? this.ownLocks.beside(location) : undefined;
    return {
      ...(own !== undefined && this.ownLocks.suits(own, locked) && { suitsOwnLock: true }),
      sites: needed.map(({ site }) => site),
      callsBack: this.reentry.comesBack(locked),
      ...(foreign !== undefined && { callsOut: foreign }),
      ...(conflict !== undefined && { conflict }),
    };
  }

  /** The place of an access that is no operation of several steps. */
  private single(site: Site, location: Location, concurrent: readonly Site[]): Place {
    const around = nearby(this.viewOf(site.file, site.access, location), concurrent);
    const range = operationRange(site.file, accessOf(site));
    return place(site, location, range, around === undefined ? {} : { nearby: around });
  }

  /** `if len(self._rows) > most: self._clear()`: the test and the call of what changes the data are one operation. */
  private decidedElsewhere(location: Location, places: readonly Place[], guard: Guard | undefined): Place[] {
    const decided = places.flatMap((one) => decidedCalls(this.program, one, location.sites));
    const added = decided
      .filter(({ site }) => !this.races.isProtected(site, location, alone))
      .map(({ site, end }) => place(site, location, { start: accessOf(site).start, end }));
    const byCalls = places.flatMap((one) => decidedByCalls(this.program, one, location.sites));
    if (guard === undefined || isReentrant(this.program, guard.lock)) return [...added, ...byCalls];
    // A plain lock that is there already could not be taken again behind the call.
    const all = [...places, ...added];
    const isFree = (one: Place) =>
      decidedCalls(this.program, one, location.sites).length === 0 ||
      isCalledUnderLock(this.program, one, all);
    return places.every(isFree) ? added : [];
  }

  /** Changes without the lock that a reader would take for forgotten, once it is held wherever it has to be. */
  private expectedToHold(
    location: Location,
    concurrent: readonly Site[],
    places: readonly Place[],
    guard: Guard | undefined,
  ): Site[] {
    const locked = places.filter(({ site }) => site.snapshot === undefined);
    const isGuarded = ({ file, access }: Site) => {
      const { start, end, fn, context } = file.facts.accesses[access]!;
      const isPlanned = locked.some(
        ({ region }) => region.file === file && region.start <= start && end <= region.end,
      );
      return (
        isPlanned || (guard !== undefined && this.program.locksets.held(file, fn, context).has(guard.lock))
      );
    };
    const guarded = concurrent.filter(isGuarded);
    const changes = concurrent.filter((site) => mutates(accessOf(site)));
    const guardedChanges = changes.filter(isGuarded);
    const isUsual =
      guarded.length * 2 >= concurrent.length ||
      (guardedChanges.length >= 2 && guardedChanges.length * 2 >= changes.length);
    if (guarded.length < 2 || !isUsual) return [];
    const isReplacement = (site: Site) => /^(rebind|delete)$/.test(accessOf(site).op);
    const isUpdated = guardedChanges.some((site) => !isReplacement(site));
    return changes.filter((site) => {
      if (isGuarded(site) || this.races.isProtected(site, location, alone)) return false;
      if (isReplacement(site)) return isUpdated;
      const view = this.viewOf(site.file, site.access, location);
      return accessOf(site).op !== "method" || view.isContainer || view.isUsedAsContainer;
    });
  }

  private compoundAt(site: Site, location: Location): Compound | undefined {
    const view = this.viewOf(site.file, site.access, location);
    for (const rule of this.rules) {
      const match = rule.match(view);
      if (match !== undefined && match.unlocked !== true) return { site, view, rule, match };
    }
    return undefined;
  }
}

/** A lock without a name here, that only some callers happen to hold, guards nothing. */
export function firm(guard: Guard | undefined): Guard | undefined {
  return guard?.text === "" && guard.guarded * 2 <= guard.total ? undefined : guard;
}

/** Whether anything in the program can come between the steps of an operation, the same operation included. */
function isBrokenBySome(site: Site, match: Match, concurrent: readonly Site[]): boolean {
  return (
    match.withItself || concurrent.some((other) => !isSame(other, site) && match.conflicts(accessOf(other)))
  );
}

function place(
  site: Site,
  location: Location,
  region: { start: number; end: number },
  more: Pick<GuardSite, "snapshot" | "nearby"> = {},
): Place {
  const { file } = site;
  const { fn, context } = accessOf(site);
  return {
    site: siteOf({ file, access: accessOf(site), location }, region, more),
    region: { file, ...region, fn, context },
  };
}

/** A single access asks for a lock around itself. */
const alone = { conflicts: () => true, withItself: false };

function isSame(a: Site, b: Site): boolean {
  return a.file === b.file && a.access === b.access;
}
