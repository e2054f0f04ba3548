// `lazy import x` (PEP 810, Python 3.15) is not in the grammar yet. Read as an ordinary import behind an empty
// statement of the same length, it keeps all offsets, and the import stays recognisable as lazy.

const statement = /^([ \t]*)lazy([ \t]+)(?=(?:import|from)[ \t]+[\w.])/gm;
const marker = /^[ \t]*0;[ \t]{3,}$/;

/** The text as today's grammar can read it; the same object when it has no lazy imports. */
export function withoutLazyImports(text: string): string {
  // Most texts have no such word, and finding that out is all this costs them.
  if (!text.includes("lazy ") && !text.includes("lazy\t")) return text;
  return text.replace(statement, (_, indent: string, gap: string) => `${indent}0;  ${gap}`);
}

/** Whether the import statement at an offset of such a text was written `lazy import`. */
export function isLazyImport(text: string, start: number): boolean {
  if (text[start - 1] !== " " && text[start - 1] !== "\t") return false;
  return marker.test(text.slice(text.lastIndexOf("\n", start - 1) + 1, start));
}
