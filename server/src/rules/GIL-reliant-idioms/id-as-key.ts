// L7: `seen[id(obj)] = 1` in a table that outlives the object: its address is given to the next one.
import type { Access } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "id-as-key",
    summary: "A shared table knows objects by id() and does not keep them alive.",
    family: "GIL-reliant idioms",
    severity: "warning",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    // Who asks to be told of an object's death removes its entry then.
    if (!view.text.includes("id(") || view.callsTo("weakref.finalize", "weakref.ref").length > 0) return;
    for (const access of view.file.facts.accesses) {
      const name = access.op === "item-store" ? /^id\(([\w.]+)\)$/.exec(access.view)?.[1] : undefined;
      if (name === undefined || access.fn === 0 || !isShared(view, access)) continue;
      if (isNamedInValue(view.text.slice(access.end, access.statementEnd), name)) continue;
      if (isKeptElsewhere(view, access.fn, name)) continue;
      const reach = view.reach(access.fn);
      if (reach === undefined) continue;
      const symbol = view.textOf(view.file.place(access.place));
      yield {
        start: access.start,
        end: access.end,
        fn: access.fn,
        symbol,
        message: `\`${symbol}\` knows \`${name}\` by its address only. When another thread drops the object, the next one made can get the same id, and this entry is taken for it. Store the object in the entry too, or use a WeakKeyDictionary. ${reach.because}`,
        evidence: reach.evidence,
        related: reach.trace,
      };
    }
  },
);

function isShared({ file }: FileView, { place }: Access): boolean {
  const { root } = file.place(place);
  return root === "self" || root === "class" || root === "global";
}

/** Whether the stored value holds the object itself, `(obj, 1)`, rather than something computed from it. */
function isNamedInValue(rest: string, name: string): boolean {
  const value = rest.slice(rest.indexOf("=") + 1);
  const escaped = name.replaceAll(".", "\\.");
  return new RegExp(`(^|[\\s,\\[{:]|(?<![\\w\\])])\\()${escaped}($|[\\s,)\\]}])`).test(value);
}

/** Whether the function also puts the object into a list or a set, which keeps it alive. */
function isKeptElsewhere(view: FileView, fn: number, name: string): boolean {
  return view
    .callsNamed("append", "add", "appendleft")
    .filter((call) => call.fn === fn)
    .some(({ args }) => args.some(({ place }) => place >= 0 && view.textOf(view.file.place(place)) === name));
}
