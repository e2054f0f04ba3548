// H2: the locks of two objects of one class, taken in the order in which the objects happen to be given.
import type { Context, Place } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { takenHere } from "../shapes/locks.ts";

/** What the second of two equal objects is called. */
const counterpart = /^(other|another|that|rhs|target|source|dest(ination)?|dst|src|peer|to|from_)$/;

export default defineFileRule(
  {
    name: "same-class-lock-order",
    summary: "The locks of two objects of one class are taken in the order in which the objects are given.",
    family: "deadlocks",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { contexts, functions } = view.file.facts;
    for (const inner of contexts) {
      if (inner.kind !== "lock" || inner.detail === "async" || inner.detail === "" || inner.place < 0)
        continue;
      const outer = enclosing(view, inner);
      if (outer === undefined) continue;
      const [first, second] = [view.file.place(outer.place), view.file.place(inner.place)];
      if (isOrdered(view, inner, first, second)) continue;
      const { fn } = inner;
      const text = view.textOf(second);
      const name = functions[fn]!.qualifiedName;
      yield {
        start: inner.start,
        end: inner.start + text.length,
        fn,
        symbol: text,
        message: `One thread in \`${name}\` with two objects and another with the same two the other way round each hold one lock and wait for the other's for ever. Take the locks in an order of the objects' own, by an id for example, and check that they are two.`,
        evidence: "likely",
        related: [
          takenHere(
            view,
            { start: outer.start, text: view.textOf(first) },
            `\`${view.textOf(first)}\` is taken first`,
          ),
        ],
      };
    }
  },
);

/** The lock around this one that is the same attribute of another object. */
function enclosing(view: FileView, inner: Context): Context | undefined {
  const { contexts } = view.file.facts;
  const place = view.file.place(inner.place);
  if (view.program.locksets.identity(view.file, place) === undefined) return undefined;
  for (let at = inner.parent; at !== 0; at = contexts[at]!.parent) {
    const outer = contexts[at]!;
    if (outer.kind !== "lock" || outer.detail === "async" || outer.place < 0) continue;
    if (areTwins(view, view.file.place(outer.place), place, inner.fn)) return outer;
  }
  return undefined;
}

/** `a.lock` and `b.lock`, where callers choose which object is which. */
function areTwins(view: FileView, first: Place, second: Place, fn: number): boolean {
  const { parameters } = view.file.facts.functions[fn]!;
  if (first.path.length === 0 || first.path.join(".") !== second.path.join(".")) return false;
  const isGiven = ({ root, name }: Place) =>
    root === "self" || (root === "local" && parameters.includes(name));
  if (!isGiven(first) || !isGiven(second) || (first.root === second.root && first.name === second.name))
    return false;
  const { resolver } = view.program;
  const classOf = (place: Place) =>
    place.root === "self"
      ? { file: view.file, index: place.owner }
      : resolver.holding(view.file, { ...place, path: [] })?.classes[0];
  const [a, b] = [classOf(first), classOf(second)];
  if (a !== undefined && b !== undefined) return a.file === b.file && a.index === b.index;
  // Two parameters with the same lock attribute are two of a kind; beside self the name has to say so.
  if (first.root === "local" && second.root === "local") return true;
  return counterpart.test(first.root === "local" ? first.name : second.name);
}

/** Whether the function puts the two objects into an order first. */
function isOrdered(view: FileView, { fn, parent }: Context, first: Place, second: Place): boolean {
  const { functions, contexts } = view.file.facts;
  const { start, end } = functions[fn]!;
  if (/\bsorted\(|\bid\(|\bhash\(|\bmin\(|\.sort\(/.test(view.text.slice(start, end))) return true;
  const mentions = (text: string, { root, name }: Place) =>
    new RegExp(`\\b${root === "self" ? "self" : name}\\b`).test(text);
  for (let at = parent; at !== 0; at = contexts[at]!.parent) {
    const { kind, detail } = contexts[at]!;
    if (kind === "test" && /[<>]/.test(detail) && mentions(detail, first) && mentions(detail, second))
      return true;
  }
  return false;
}
