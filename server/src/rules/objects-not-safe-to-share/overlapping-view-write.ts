// F8: slices of one buffer that several workers write and that cover the same elements.
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "overlapping-view-write",
    summary: "Threads write slices of one buffer that overlap.",
    family: "objects not safe to share",
    severity: "warning",
    status: "preview",
    lockRepairs: true,
    on: ["item-store"],
  },
  (view) => {
    const { access } = view;
    if (access.op !== "item-store" || !isRaw(view)) return undefined;
    const overlap = overlapOf(access.view);
    if (overlap === undefined) return undefined;
    return {
      conflicts: () => false,
      withItself: true,
      steps: [`copies its data into \`${view.symbol}[${access.view}]\``, "element by element"],
      outcome: `${overlap} holds some elements of one thread and some of the other`,
      remedy: "Hold one lock, or cut the buffer so that no two slices overlap.",
      atLeast: "proven",
    };
  },
);

/** Buffers whose elements no lock of the interpreter guards for the length of a slice. */
function isRaw(view: AccessView): boolean {
  if (view.holds("memoryview", "ndarray")) return true;
  return view.target === "3.13" && view.holds("bytearray", "array");
}

/** What two workers both write: a slice that is the same for all, or neighbours wider than the step between them. */
function overlapOf(subscript: string): string | undefined {
  const bounds = subscript.split(":");
  if (bounds.length !== 2) return undefined;
  if (!/[a-z_]/i.test(subscript)) return "the slice";
  const [low, high] = bounds.map(linear);
  if (low === undefined || high === undefined) return undefined;
  if (low.name !== high.name || low.factor !== high.factor) return undefined;
  return high.offset - low.offset > low.factor ? "the part that two slices have in common" : undefined;
}

/** Reads `i * 10 - 5`, `(i + 1) * 10` and the like. */
function linear(text: string): { name: string; factor: number; offset: number } | undefined {
  const shifted = /^\(\s*(\w+)\s*([+-])\s*(\d+)\s*\)\s*\*\s*(\d+)\s*(?:([+-])\s*(\d+))?$/.exec(text.trim());
  if (shifted !== null) {
    const [, name, inner, by, factor, outer, plus] = shifted;
    const offset = signed(inner, by) * Number(factor) + signed(outer, plus);
    return { name: name!, factor: Number(factor), offset };
  }
  const plain = /^([a-z_]\w*)\s*\*\s*(\d+)\s*(?:([+-])\s*(\d+))?$/i.exec(text.trim());
  if (plain === null) return undefined;
  const [, name, factor, sign, by] = plain;
  return { name: name!, factor: Number(factor), offset: signed(sign, by) };
}

function signed(sign: string | undefined, digits: string | undefined): number {
  return digits === undefined ? 0 : sign === "-" ? -Number(digits) : Number(digits);
}
