// State that is meant for one caller, kept where all threads see it: set for the time of a call, then put back.
import type { Access, Binding } from "../../facts/facts.ts";
import { writesBinding } from "../../program/operations.ts";
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "saved-and-restored-state",
    summary: "Shared state is set for the time of a call and then put back.",
    family: "contexts",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
    on: ["rebind", "augment"],
  },
  (view) => {
    const { access, location } = view;
    if (access.op !== "rebind" && access.op !== "augment") return undefined;
    // Replacing what belongs to a module outside the program is a matter of its own.
    if (location.kind === "closure" || location.key.startsWith("x")) return undefined;
    const first = putsSavedBack(view) ?? endsGenerator(view);
    if (first === undefined && !isRestoredOnExit(view)) return undefined;
    return {
      ...(first === undefined ? {} : { first }),
      conflicts: (other) => writesBinding(other.op),
      withItself: true,
      steps: [`sets \`${view.symbol}\` for a while`, "puts the old value back"],
      outcome:
        "each of them works with the value of the other, and the one that ends last leaves a wrong value behind",
      remedy: "Keep it in a contextvars.ContextVar or a threading.local, or pass it as an argument.",
    };
  },
);

/** `old = self.x; self.x = new; …; self.x = old`: the earlier store. */
function putsSavedBack(view: AccessView): number | undefined {
  const { place } = view.access;
  return bindingAt(view)?.source === place ? earlierStore(view) : undefined;
}

/** `self.x = new; yield; self.x = None` in a generator: a context manager's, or a fixture's. */
function endsGenerator(view: AccessView): number | undefined {
  const { access, file } = view;
  if (!/^(none|bool)$/.test(access.detail) || !view.fn.isGenerator) return undefined;
  const first = earlierStore(view);
  if (first === undefined) return undefined;
  const { start } = file.facts.accesses[first]!;
  const isBetween = file.facts.suspensions.some(
    (s) => s.kind === "yield" && s.fn === access.fn && s.start > start && s.start < access.start,
  );
  return isBetween ? first : undefined;
}

/** In `__enter__`: `self._old = CURRENT; CURRENT = …`, where `__exit__` does `CURRENT = self._old`. */
function isRestoredOnExit({ file, fn, access }: AccessView): boolean {
  if (fn.name !== "__enter__") return false;
  const bindingsOf = (place: number) =>
    (file.bindingsByPlace.get(place) ?? []).map((index) => file.facts.bindings[index]!);
  return bindingsOf(access.place).some((restored) => {
    const { name, owner } = file.facts.functions[restored.fn]!;
    if (name !== "__exit__" || owner !== fn.owner || restored.source < 0) return false;
    if (file.place(restored.source).root !== "self") return false;
    return bindingsOf(restored.source).some((b) => b.fn === access.fn && b.source === access.place);
  });
}

function bindingAt({ access, file }: AccessView): Binding | undefined {
  return (file.bindingsByPlace.get(access.place) ?? [])
    .map((index) => file.facts.bindings[index]!)
    .find((binding) => binding.start === access.start && binding.value === "place");
}

function earlierStore({ access, file, index }: AccessView): number | undefined {
  for (let i = index - 1; i >= 0; i -= 1) {
    const earlier: Access = file.facts.accesses[i]!;
    if (earlier.fn === access.fn && earlier.place === access.place && writesBinding(earlier.op)) return i;
  }
  return undefined;
}
