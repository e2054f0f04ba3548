// Calls that choose their function while the program runs: by a name put together, or by a variable set in branches.
import type { Call } from "../facts/facts.ts";
import type { FileNode, Ref } from "./fileNode.ts";

/**
 * What `getattr(self, f"_on_{kind}")` can find: the private methods of the class that nothing in the file names. Public
 * ones are left to those who call them from elsewhere.
 */
export function lookedUpMethods(file: FileNode): { call: Call; fn: Ref }[] {
  const { calls, places, functions } = file.facts;
  const found: { call: Call; fn: Ref }[] = [];
  const dispatchers = new Set<number>();
  let named: Set<string> | undefined;
  for (const call of calls) {
    const [object, attribute] = call.args;
    if (call.callee < 0 || object === undefined || attribute === undefined) continue;
    const callee = file.place(call.callee);
    if (callee.root !== "global" || callee.name !== "getattr" || callee.path.length > 0) continue;
    const receiver = object.place < 0 ? undefined : file.place(object.place);
    if (receiver?.root !== "self" || receiver.path.length > 0 || isWhole(attribute.literal)) continue;
    const start = /^f["'](\w*)\{/i.exec(attribute.literal)?.[1] ?? "_";
    named ??= new Set(places.flatMap(({ path }) => path));
    for (const [name, index] of file.methods[receiver.owner]!) {
      const isPrivate = name.startsWith("_") && !name.endsWith("__") && name.startsWith(start);
      if (!isPrivate || named.has(name) || functions[index]!.decorators.length > 0) continue;
      found.push({ call, fn: { file, index } });
      dispatchers.add(call.fn);
    }
  }
  // Whoever looks up by a name that is not seen does not look for itself, nor for others that do.
  return found.filter(({ fn }) => !dispatchers.has(fn.index));
}

/** A string without gaps names one attribute, which is read like any other. */
function isWhole(literal: string): boolean {
  return /^[rbu]?["']/i.test(literal);
}

/**
 * `handle = self._a` in one branch, `handle = self._b` in the other, then `handle(x)`: facts tell of the call what was
 * bound last; these are the places bound before.
 */
export function chosenCallees(file: FileNode): { call: Call; place: number }[] {
  const { bindings, calls } = file.facts;
  const choices = new Map<number, Set<number>>();
  for (const { place, value, source } of bindings) {
    if (value !== "place" || source < 0 || file.place(source).path.length === 0) continue;
    const { root, path } = file.place(place);
    if (root !== "local" || path.length > 0) continue;
    const known = choices.get(place);
    if (known === undefined) choices.set(place, new Set([source]));
    else known.add(source);
  }
  const others = new Map<string, Set<number>>();
  for (const [place, sources] of choices) {
    if (sources.size < 2) continue;
    for (const source of sources) others.set(`${file.place(place).owner}/${source}`, sources);
  }
  if (others.size === 0) return [];
  return calls.flatMap((call) => {
    const sources = call.callee < 0 ? undefined : others.get(`${call.fn}/${call.callee}`);
    return sources === undefined
      ? []
      : [...sources].filter((place) => place !== call.callee).map((place) => ({ call, place }));
  });
}
