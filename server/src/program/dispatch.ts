// Calls that choose their function while the program runs: by a name put together, or by a variable set in branches.
import type { Call } from "../facts/facts.ts";
import type { FileNode, Ref } from "./fileNode.ts";

/**
 * What `getattr(self, f"_on_{kind}")` can find: the private methods of the class that nothing in the file names. Public
 * ones are left to those who call them from elsewhere.
 */
export function lookedUpMethods(file: FileNode): { call: Call; fn: Ref }[] {
  const lookUps = file.facts.calls
    .filter((call) => isLookUp({ file, call }))
    .flatMap((call) => {
      const [object, attribute] = call.args;
      const receiver = object === undefined || object.place < 0 ? undefined : file.place(object.place);
      if (attribute === undefined || isWhole(attribute.literal)) return [];
      if (receiver?.root !== "self" || receiver.path.length > 0) return [];
      return [{ call, owner: receiver.owner, start: /^f["'](\w*)\{/i.exec(attribute.literal)?.[1] ?? "" }];
    });
  if (lookUps.length === 0) return [];
  const named = new Set(file.facts.places.flatMap(({ path }) => path));
  const dispatchers = new Set(lookUps.map(({ call }) => call.fn));
  return lookUps.flatMap(({ call, owner, start }) => {
    const others = lookUps.filter((other) => other.owner === owner && other.start.length > start.length);
    return [...file.methods[owner]!]
      .filter(([name, index]) => {
        const isPrivate = name.startsWith("_") && !name.endsWith("__");
        // Whoever looks up does not look for itself, nor for what another one asks for more closely.
        if (!isPrivate || !name.startsWith(start) || named.has(name) || dispatchers.has(index)) return false;
        return (
          file.facts.functions[index]!.decorators.length === 0 &&
          !others.some((o) => name.startsWith(o.start))
        );
      })
      .map(([, index]) => ({ call, fn: { file, index } }));
  });
}

/** Whether a call only looks a method up: which one depends on data, which the locks held may depend on, too. */
export function isLookUp({ file, call }: { file: FileNode; call: Call }): boolean {
  if (call.callee < 0 || call.args.length < 2) return false;
  const { root, name, path } = file.place(call.callee);
  return root === "global" && name === "getattr" && path.length === 0;
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
