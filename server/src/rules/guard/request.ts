// Says what a fix has to guard: which statements, whose data, and under which lock if there is one.
import type { Access, Place } from "../../facts/facts.ts";
import type { GuardRequest, GuardSite, SourceRange } from "../../findings/finding.ts";
import type { FileNode } from "../../program/fileNode.ts";
import type { Location, Site } from "../../program/locations.ts";
import { writesBinding } from "../../program/operations.ts";
import type { Guard, Race } from "../../program/races.ts";
import type { AccessView } from "../accessView.ts";
import type { Match, Rule } from "../rule.ts";
import { isHashed } from "../shapes/iteration.ts";
import { putBack, untilUnmarked } from "./nearby.ts";
import { firm, type GuardPlanner } from "./plan.ts";

/** One access and what it touches. */
type LocatedAccess = Pick<AccessView, "file" | "access" | "location">;

export function guardRequest(
  rule: Rule,
  view: AccessView,
  match: Match,
  race: Race,
  planner: GuardPlanner,
): GuardRequest | undefined {
  const { location, access, file } = view;
  if (location.kind === "default") return undefined;
  const { start, end } = operationRange(file, access, untilUnmarked(view, match));
  const plan = planner.planFor(location);
  const region = { file, start, end, fn: access.fn, context: access.context };
  const intruder = planner.onlyIntruder({ file, access: view.index }, location, match, region);
  const guard = firm(race.guard);
  const conflict =
    ofInterpreter(location) ??
    putBack(view) ??
    planner.conflictAt(region, guard) ??
    (intruder === undefined
      ? undefined
      : `\`${intruder}\` changes it without a lock, so that one taken here alone would keep nobody out.`);
  const isPlanned =
    plan?.sites.some((site) => isWithin(site, file.path, access)) === true ||
    planner.isLeftToCallers(location, file, access);
  const own = guard === undefined ? planner.ownLock(location, region) : undefined;
  return {
    ...guardRequestFor(view, guard),
    ...(own !== undefined && { ownLock: own.text, existingLockPath: own.path }),
    ...present("nearby", planner.nearby(view)),
    region: file.range(start, end),
    ...present("snapshot", rule.meta.family === "iteration" ? snapshotOf(view) : undefined),
    ...present("callsBack", planner.callsBack(region) ? true : undefined),
    ...present("callsOut", planner.foreignCallIn(region)),
    ...present("conflict", conflict),
    ...present("bypassedBy", planner.bypassing(location)),
    ...present("copies", planner.copying(location)),
    ...present("copiedApart", planner.copyingApart(location)),
    ...present("isContainer", view.isContainer ? true : undefined),
    // A place that the plan leaves out is about something else than this location's invariant.
    ...present("plan", isPlanned ? plan : undefined),
  };
}

function isWithin(site: GuardSite, path: string, { start, end }: Access): boolean {
  return site.path === path && site.region.start <= start && end <= site.region.end;
}

/** From the beginning of the statement of an operation's first access to the end of that of its last one. */
export function operationRange(
  file: FileNode,
  access: Access,
  { first, last }: Pick<Match, "first" | "last"> = {},
): { start: number; end: number } {
  const { accesses } = file.facts;
  const all = [access, ...[first, last].flatMap((index) => (index === undefined ? [] : accesses[index]!))];
  return {
    start: Math.min(...all.flatMap(({ statementStart, start }) => [statementStart, start])),
    end: Math.max(...all.flatMap(({ statementEnd, end }) => [statementEnd, end])),
  };
}

/**
 * What a fix has to guard at a single access.
 * @param lock the lock that guards the location, if there is one
 */
export function guardRequestFor(
  view: LocatedAccess,
  lock: (Pick<Guard, "text"> & { site?: Site }) | undefined,
): GuardRequest {
  const { location, access, file } = view;
  const { path: _, access: __, ...site } = siteOf(view, operationRange(file, access));
  return {
    ...site,
    scope: scopeOf(location),
    name: location.name.slice(location.name.lastIndexOf(".") + 1),
    ...present("through", throughOf(location)),
    ...present("existingLock", lock?.text),
    ...present("existingLockPath", lock === undefined ? undefined : (lock.site?.file ?? file).path),
    ...present("definition", definitionOf(location)),
    ...present("home", isOutside(location) ? undefined : homeOf(location)),
  };
}

/** One place that needs the lock, as the code there names the data. */
export function siteOf(
  view: LocatedAccess,
  region: { start: number; end: number },
  more: Pick<GuardSite, "snapshot" | "nearby"> = {},
): GuardSite {
  const { file, access } = view;
  return {
    path: file.path,
    region: file.range(region.start, region.end),
    access: file.rangeOf(access),
    ...present("receiver", receiverOf(view)),
    ...present("importedAs", importedAs(view)),
    ...more,
    ...present("writesBack", access.op === "augment" && access.detail === "=" ? true : undefined),
  };
}

function present<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

function scopeOf(location: Location): GuardRequest["scope"] {
  const { kind } = location;
  if (kind === "closure") return kind;
  // Each object has one, though no code makes it.
  if (location.name === "__dict__") return "instance";
  if (kind !== "class" && kind !== "instance") return "module";
  // `self.n += 1` gives the object an attribute of its own over the class's default, unless the class's changes, too.
  const writers = new Set<string>();
  for (const { file, access } of location.sites) {
    const { op, place, fn } = file.facts.accesses[access]!;
    const { root, owner } = file.place(place);
    const isFirst = root === "class" && file.facts.classes[owner]!.fn === fn;
    if (writesBinding(op) && !isFirst) writers.add(root);
  }
  if (writers.has("class")) return "class";
  return writers.has("self") ? "instance" : kind;
}

function throughOf({ kind, name }: Location): string | undefined {
  const end = name.lastIndexOf(".");
  return kind === "instance" && end > 0 ? name.slice(0, end) : undefined;
}

function ofInterpreter({ key }: Location): string | undefined {
  return key === "xsys.modules"
    ? "The interpreter itself changes `sys.modules` at every import, and takes no lock of the program for it."
    : undefined;
}

/** Variables of modules outside the program, such as `sys.modules`. */
function isOutside({ key }: Location): boolean {
  return key.startsWith("x");
}

function definitionOf(location: Location): SourceRange | undefined {
  const { file } = location;
  if (location.kind === "function") {
    const fn = file.facts.functions[location.fn]!;
    return file.range(fn.nameStart, fn.nameEnd);
  }
  if (location.kind !== "global") return undefined;
  const binding = file.bindingsOf("global", 0, location.name.split(".")[0]!).find((b) => b.fn === 0);
  return binding === undefined ? undefined : file.range(binding.start, binding.end);
}

function homeOf(location: Location): { path: string; start: number } {
  const { file, cls, fn } = location;
  if (cls !== undefined) return { path: cls.file.path, start: cls.file.facts.classes[cls.index]!.nameStart };
  const owner = fn >= 0 && location.kind === "closure" ? file.facts.functions[fn]! : undefined;
  return { path: file.path, start: owner?.nameStart ?? -1 };
}

/** The access path without the attribute itself, as it can be written in the accessing function. */
function receiverOf({ location, access, file }: LocatedAccess): string | undefined {
  const place = file.place(access.place);
  if (location.cls === undefined) {
    const module = moduleWords(location, file, place);
    return module.length === 0 ? undefined : module.join(".");
  }
  const depth = location.name.split(".").length;
  const path = place.path.slice(0, place.path.length - depth);
  if (path.includes("[]")) return undefined;
  switch (place.root) {
    case "self": {
      const self = receiverParameter(file, access.fn);
      return self === undefined ? undefined : [self, ...path].join(".");
    }
    case "class":
      return path.length > 0 ? undefined : className(location, file);
    case "local":
    case "global":
      return [place.name, ...path].join(".");
    default:
      return location.kind === "class" ? className(location, file) : undefined;
  }
}

/** For data of a module, how another file names that module: `m` in `m.CACHE`; empty when it imports the name itself. */
function moduleWords(location: Location, file: FileNode, place: Place): string[] {
  const isOfModule = location.kind === "global" || location.kind === "function";
  if (!isOfModule || location.file === file || place.root !== "global" || isOutside(location)) return [];
  const depth = location.name.split(".").length + (location.kind === "function" ? 1 : 0);
  const words = [place.name, ...place.path];
  return words.slice(0, Math.max(0, words.length - depth));
}

function importedAs({ location, access, file }: LocatedAccess): string | undefined {
  const isOfModule = location.kind === "global" || location.kind === "function";
  if (!isOfModule || location.file === file || isOutside(location)) return undefined;
  const place = file.place(access.place);
  if (place.root !== "global") return undefined;
  return moduleWords(location, file, place).length === 0 ? place.name : undefined;
}

/** The first parameter of the method that the function is, or stands in. */
export function receiverParameter(file: FileNode, fn: number): string | undefined {
  for (let at = fn; at > 0; at = file.facts.functions[at]!.parent) {
    const fact = file.facts.functions[at]!;
    if (fact.owner >= 0) return fact.parameters[0];
  }
  return undefined;
}

/** Classes of the file's top level can be named from everywhere in it. */
function className({ cls }: Location, file: FileNode): string | undefined {
  if (cls === undefined || cls.file !== file) return undefined;
  const fact = cls.file.facts.classes[cls.index]!;
  return fact.fn === 0 ? fact.qualifiedName : undefined;
}

/** Measured on 3.13t: `list` copies dicts, sets and dict views in one step, but not their subclasses. */
export function snapshotOf(view: AccessView): "itself" | "keys" | undefined {
  // Weak containers are copied by Python code, element by element.
  if (view.access.op !== "iterate" || view.holds("deque", "OrderedDict", "weak") || !isHashed(view))
    return undefined;
  return view.access.view === "" && view.holds("defaultdict", "Counter") ? "keys" : "itself";
}
