// What single accesses do to the object at their place.
import type { Access, Op } from "../facts/facts.ts";
import { isMutatingMethod, isResizingMethod } from "./types.ts";

/** Whether an access changes which elements the object has. */
export function resizes(access: Access): boolean {
  switch (access.op) {
    case "item-store":
    case "item-augment":
    case "item-delete":
      return true;
    case "method":
      return isResizingMethod(access.detail);
    case "argument":
      return /^(heappush|heappop|heapify|heapreplace|heappushpop|insort|insort_left|insort_right|shuffle)$/.test(
        access.detail,
      );
    default:
      return false;
  }
}

/** Whether an access changes the object or what the name is bound to, in any way. */
export function mutates(access: Access): boolean {
  return (
    writesBinding(access.op) || resizes(access) || (access.op === "method" && isMutatingMethod(access.detail))
  );
}

/** Operations that replace what a variable is bound to. */
export function writesBinding(op: Op): boolean {
  return op === "rebind" || op === "augment" || op === "delete";
}
