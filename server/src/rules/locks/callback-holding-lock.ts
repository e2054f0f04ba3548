// G11: code that somebody else has handed in runs with a plain lock held, and may want that lock.
import type { Call } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { isPlainLock, takenHere } from "../shapes/locks.ts";

/** Parameters and attributes that are called to make an object, not to run somebody's code. */
const makesObjects = /(^|_)(cls|klass|class|type|model|constructor)_?$|^[A-Z]/;
const callbackName = /(^|_)(callbacks?|cb|hooks?|listeners?|handlers?|observers?|subscribers?|on)(_|$)/;
/** What parameters are called that can be any function. */
const callableName = /^(func|fn|function|callable|factory|predicate|visitor|visit|action)_?$/;

export default defineFileRule(
  {
    name: "callback-holding-lock",
    summary: "A callback is called while a plain lock is held.",
    family: "locks",
    severity: "warning",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.file.facts.calls) {
      if (call.callee < 0 || !view.isUnderLock(call.context)) continue;
      const what = callback(view, call);
      if (what === undefined) continue;
      for (const lock of view.locksAround(call.context)) {
        if (!isPlainLock(lock.kinds)) continue;
        yield {
          start: call.start,
          end: call.end,
          fn: call.fn,
          symbol: lock.text,
          message: `${what} runs with \`${lock.text}\` held, and nobody here knows what it does: if it comes back to code that takes \`${lock.text}\`, the thread waits for itself; if it takes a lock of its own, another thread can hold the two in the other order. Copy what is needed under the lock and call outside.`,
          evidence: "likely",
          related: [takenHere(view, lock)],
        };
        break;
      }
    }
  },
);

/** What kind of foreign code a call runs, in words; undefined for the program's own. */
function callback(view: FileView, call: Call): string | undefined {
  const place = view.file.place(call.callee);
  const { root, owner, name, path } = place;
  if (root === "local" && owner === call.fn && path.length === 0) {
    if (view.entity(call) !== undefined || makesObjects.test(name)) return undefined;
    if (view.file.facts.functions[call.fn]!.parameters.includes(name))
      return callbackName.test(name) || callableName.test(name) ? `The caller's \`${name}\`` : undefined;
    return isElementOfShared(view, call, name) ? `The callback \`${name}\`` : undefined;
  }
  if (root !== "self" || view.entity(call) !== undefined) return undefined;
  const [attribute, element] = path;
  if (attribute === undefined || makesObjects.test(attribute) || path.length > 2) return undefined;
  const isCallback = callbackName.test(attribute);
  if (path.length === 2)
    return isCallback && element === "[]" ? `A callback of \`self.${attribute}\`` : undefined;
  return isCallback ? `The callback \`self.${attribute}\`` : undefined;
}

/** `for callback in self._callbacks: callback()` */
function isElementOfShared(view: FileView, call: Call, name: string): boolean {
  const { contexts, accesses, bindings } = view.file.facts;
  for (let at = call.context; at !== 0; at = contexts[at]!.parent) {
    const { kind, from, to } = contexts[at]!;
    if (kind !== "loop") continue;
    for (const access of accesses.slice(from, to)) {
      const { root, path } = view.file.place(access.place);
      if (
        access.op !== "iterate" ||
        (root !== "self" && root !== "global") ||
        (root === "self" && path.length === 0)
      )
        continue;
      return bindings.every((b) => {
        const bound = view.file.place(b.place);
        return (
          bound.root !== "local" || bound.owner !== call.fn || bound.name !== name || b.value === "element"
        );
      });
    }
  }
  return false;
}
