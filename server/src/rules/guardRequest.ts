// Says what a fix has to guard: which statements, whose data, and under which lock if there is one.
import type { GuardRequest, SourceRange } from "../findings/finding.ts";
import type { FileNode } from "../program/fileNode.ts";
import type { Location } from "../program/locations.ts";
import type { Race } from "../program/races.ts";
import type { AccessView } from "./accessView.ts";
import { type Match, type Rule, writesBinding } from "./rule.ts";
import { isHashed } from "./shapes/iteration.ts";

export function guardRequest(
  rule: Rule,
  view: AccessView,
  match: Match,
  race: Race,
): GuardRequest | undefined {
  const { location, access, file } = view;
  if (location.kind === "default") return undefined;
  const first = match.first === undefined ? access : file.facts.accesses[match.first]!;
  const start = Math.min(first.statementStart, first.start, access.statementStart, access.start);
  const end = Math.max(first.statementEnd, first.end, access.statementEnd, access.end);
  return {
    ...guardRequestFor(view, race.guard?.text),
    region: file.range(start, end),
    ...present("snapshot", rule.meta.family === "iteration" ? snapshotOf(view) : undefined),
  };
}

/** One access and what it touches. */
type LocatedAccess = Pick<AccessView, "file" | "access" | "location">;

/**
 * What a fix has to guard at a single access.
 * @param lock source text of the lock that guards the location, if there is one
 */
export function guardRequestFor(view: LocatedAccess, lock: string | undefined): GuardRequest {
  const { location, access, file } = view;
  const start = Math.min(access.statementStart, access.start);
  const end = Math.max(access.statementEnd, access.end);
  return {
    scope: scopeOf(location),
    name: location.name.slice(location.name.lastIndexOf(".") + 1),
    region: file.range(start, end),
    ...present("existingLock", lock),
    ...present("definition", location.file === file ? definitionOf(view, file) : undefined),
    home: homeOf(location),
    ...present("receiver", receiverOf(view)),
  };
}

function present<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}

function scopeOf(location: Location): GuardRequest["scope"] {
  const { kind } = location;
  if (kind === "instance" || kind === "closure") return kind;
  if (kind !== "class") return "module";
  // `self.n += 1` gives the object an attribute of its own over the class's default.
  for (const { file, access } of location.sites) {
    const { op, place } = file.facts.accesses[access]!;
    if (writesBinding(op) && file.place(place).root === "self") return "instance";
  }
  return "class";
}

function definitionOf(view: LocatedAccess, file: FileNode): SourceRange | undefined {
  const { location } = view;
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
  if (location.cls === undefined) return undefined;
  const place = file.place(access.place);
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

/** The first parameter of the method that the function is, or stands in. */
function receiverParameter(file: FileNode, fn: number): string | undefined {
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
function snapshotOf(view: AccessView): "itself" | "keys" | undefined {
  if (view.access.op !== "iterate" || view.holds("deque", "OrderedDict") || !isHashed(view)) return undefined;
  return view.access.view === "" && view.holds("defaultdict", "Counter") ? "keys" : "itself";
}
