/** The functions a C or C++ file defines, and which of them run only while the module is being initialised. */
import { closeOf } from "../brackets.ts";

export interface CFunction {
  readonly name: string;
  /** Offset where the name stands, and of the braces of its body. */
  readonly start: number;
  readonly open: number;
  readonly close: number;
}

const keywords = new Set(["if", "for", "while", "switch", "return", "sizeof", "catch", "do"]);

/** @param structure code in which brackets match */
export function functionsIn(structure: string): CFunction[] {
  const found: CFunction[] = [];
  for (let at = structure.indexOf("{"); at >= 0; at = structure.indexOf("{", at + 1)) {
    const head = structure.slice(Math.max(0, at - 2000), at);
    // The inside of these is the outermost level still.
    if (/(?:extern\s*"[^"]*"|\bnamespace(?:\s+[\w:]+)?)\s*$/.test(head)) continue;
    const close = closeOf(structure, at);
    if (close < 0) break;
    const name = nameBefore(structure, at);
    if (name) found.push({ ...name, open: at, close });
    at = close;
  }
  return found;
}

/** The name of the function whose body opens here; undefined for structures, enumerations and initialisers. */
function nameBefore(code: string, open: number): { name: string; start: number } | undefined {
  let at = code.slice(0, open).replace(/(?:\s|const|noexcept|override)+$/, "").length - 1;
  if (code[at] !== ")") return undefined;
  let depth = 0;
  for (; at >= 0; at -= 1) {
    if (code[at] === ")") depth += 1;
    else if (code[at] === "(" && --depth === 0) break;
  }
  const match = /([A-Za-z_]\w*)\s*$/.exec(code.slice(Math.max(0, at - 200), at));
  if (!match || keywords.has(match[1]!)) return undefined;
  return { name: match[1]!, start: at - match[0].length };
}

const initial =
  /^(PyInit|PyModExport)_|init|exec|setup|create_module|register|traverse|clear|free|dealloc|fini|cleanup/i;

/** Functions that run under the import of the module, or at its end: called by name or by other such functions only. */
export function initialFunctions(structure: string, functions: readonly CFunction[]): Set<CFunction> {
  const result = new Set(functions.filter(({ name }) => initial.test(name)));
  for (let grown = true; grown; ) {
    grown = false;
    for (const one of functions) {
      if (result.has(one)) continue;
      const uses = [...structure.matchAll(new RegExp(`\\b${one.name}\\b`, "g"))].map(({ index }) => index);
      const around = uses
        .filter((index) => index !== one.start)
        .map((index) => functions.find(({ open, close }) => open < index && index < close));
      // A use outside of functions is a declaration or an entry of a table of methods.
      const called = around.filter((caller) => caller !== one);
      if (called.length > 0 && called.every((caller) => caller && result.has(caller))) {
        result.add(one);
        grown = true;
      }
    }
  }
  return result;
}
