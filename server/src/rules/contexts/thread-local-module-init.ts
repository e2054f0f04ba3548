// K1: `loc = threading.local(); loc.x = {}` at module level, or the same in a constructor: one thread has an `x`.
import type { Access, Binding, Call, Place } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

const makers = ["threading.local", "_thread._local", "_threading_local.local"];

export default defineFileRule(
  {
    name: "thread-local-module-init",
    summary: "An attribute of a thread-local object is set in one thread only, and read in all.",
    family: "contexts",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { file } = view;
    for (const made of [...view.callsTo(...makers), ...subclassCalls(view)]) {
      if (made.result < 0) continue;
      const storage = file.place(made.result);
      if (storage.root !== "global" && storage.root !== "self") continue;
      for (const binding of file.facts.bindings) {
        const place = file.place(binding.place);
        const name = place.path[storage.path.length];
        if (binding.fn !== made.fn || name === undefined || !isAttributeOf(place, storage, 1)) continue;
        const use = unguardedUse(view, made, binding, storage, name);
        if (use === undefined) continue;
        const text = `${view.textOf(storage)}.${name}`;
        const who =
          made.fn === 0 ? "the thread that imports this module" : "the thread that makes this object";
        const reach = view.reach(use.fn)!;
        const isProven = reach.evidence === "proven";
        yield {
          start: binding.start,
          end: binding.end,
          fn: binding.fn,
          symbol: text,
          message: `Only ${who} gets a \`${text}\` here; in all others \`${view.textOf(storage)}\` starts empty, and \`${file.facts.functions[use.fn]!.qualifiedName}\` raises AttributeError. Set it in __init__ of a subclass of threading.local, which runs once in each thread, or read it with getattr and a default.`,
          evidence: isProven ? "proven" : "likely",
          related: [
            { path: file.path, range: file.rangeOf(use), message: `\`${text}\` is used here` },
            ...reach.trace,
          ],
        };
      }
    }
  },
);

/** Calls of the file's own subclasses of threading.local. */
function subclassCalls(view: FileView): readonly Call[] {
  const names = view.file.facts.classes
    .filter(({ bases }, index) => bases.length > 0 && isThreadLocal(view, index))
    .map(({ name }) => name);
  return names.length === 0 ? [] : view.callsNamed(...names);
}

function isThreadLocal(view: FileView, index: number): boolean {
  return view.program.resolver
    .externalBases({ file: view.file, index })
    .some((base) => makers.includes(base));
}

function isAttributeOf(place: Place, storage: Place, deeper: number): boolean {
  if (place.root !== storage.root || place.name !== storage.name) return false;
  if (deeper > 0 && place.path.length !== storage.path.length + deeper) return false;
  return storage.path.every((name, i) => place.path[i] === name);
}

/** A use in a function that threads may run, where nothing sets the attribute or looks first whether it is there. */
function unguardedUse(
  view: FileView,
  made: Call,
  initial: Binding,
  storage: Place,
  name: string,
): Access | undefined {
  const { file, program } = view;
  const own = program.resolver.holding(file, storage)?.classes[0];
  if (own !== undefined && program.resolver.attributeBindings(own, name).length > 0) return undefined;
  const depth = storage.path.length;
  const guarded = new Set<number>();
  const uses: Access[] = [];
  for (const access of file.facts.accesses) {
    if (access.fn === made.fn) continue;
    const place = file.place(access.place);
    if (!isAttributeOf(place, storage, 0)) continue;
    const attribute = place.path[depth];
    if (attribute === "__dict__") return undefined;
    if (attribute !== name) continue;
    const isWhole = place.path.length === depth + 1;
    if (isWhole && access.op === "rebind") return undefined; // set by others too, in an order that is theirs
    if (/^(has|get|set|del)attr$/.test(access.detail)) guarded.add(access.fn);
    else if (!isCaught(view, access)) uses.push(access);
  }
  const use = uses.find(({ fn }) => !guarded.has(fn) && view.reach(fn) !== undefined);
  return use === undefined || isSetElsewhere(view, initial, storage, name) ? undefined : use;
}

function isCaught(view: FileView, access: Access): boolean {
  const { contexts } = view.file.facts;
  for (let at = access.context; at !== 0; at = contexts[at]!.parent) {
    const { kind, detail } = contexts[at]!;
    if (kind === "caught" && /AttributeError|Exception/.test(detail)) return true;
  }
  return false;
}

/** Whether another file sets an attribute of this name on something of the storage's name. */
function isSetElsewhere(view: FileView, initial: Binding, storage: Place, name: string): boolean {
  const last = storage.path.at(-1) ?? storage.name;
  for (const other of view.program.files.values()) {
    const sets = other.facts.bindings.some((binding) => {
      if (binding.value === "augmented" || (other === view.file && binding.fn === initial.fn)) return false;
      const { name: first, path } = other.place(binding.place);
      return path.at(-1) === name && (path.at(-2) ?? first) === last;
    });
    if (sets) return true;
  }
  return false;
}
