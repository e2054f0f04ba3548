// Which ways of running through a container survive a resize by another thread, and which do not.
import type { Access } from "../../facts/facts.ts";
import { resizes } from "../../program/operations.ts";
import type { AccessView } from "../accessView.ts";

/** Consumers that run Python code or release the container's lock between two elements. */
export const steppingConsumers = new Set([
  "for",
  "comprehension",
  "generator",
  "sum",
  "min",
  "max",
  "any",
  "all",
  "join",
  "map",
  "filter",
  "zip",
  "enumerate",
  "reversed",
]);

/** Constructors that copy element by element and fail on 3.13t, though they look like snapshots. */
export function isUnsafeSnapshot(view: AccessView): boolean {
  const { detail, view: of } = view.access;
  if (detail === "tuple" || detail === "*") return true;
  return of !== "" && (detail === "dict" || detail === "set" || detail === "frozenset");
}

/** Whether the location is a mapping or set, by type or by the view that is iterated. */
export function isHashed(view: AccessView): boolean {
  if (view.holds("dict", "set", "defaultdict", "Counter", "OrderedDict")) return true;
  return view.access.view !== "" && view.maybeContainer;
}

/** Whether an access of another thread can change the size of what is iterated. */
export function changesSize(view: AccessView, other: Access): boolean {
  // `d[k] += 1` on a plain dict needs the key to be there; a Counter or defaultdict would insert it.
  const isUpdate = other.op === "item-augment" && /^\W+=$/.test(other.detail);
  if (isUpdate && view.holds("dict", "OrderedDict") && !view.holds("Counter", "defaultdict")) return false;
  return resizes(other);
}
