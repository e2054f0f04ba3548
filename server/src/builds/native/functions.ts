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
    const head = structure.slice(Math.max(0, at - 200), at);
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
  const head = code.slice(Math.max(0, open - 200), open);
  const behind = /\)(?:\s|const\b|noexcept\b|override\b)*$/.exec(head);
  if (!behind) return undefined;
  let at = openOf(code, open - head.length + behind.index);
  // A macro that makes the name: INIT_MODULE(name)(void)
  const macro = /\)\s*$/.exec(code.slice(Math.max(0, at - 50), Math.max(0, at)));
  if (macro) at = openOf(code, at - macro[0].length);
  const match = /([A-Za-z_]\w*)\s*$/.exec(code.slice(Math.max(0, at - 200), Math.max(0, at)));
  if (!match || keywords.has(match[1]!)) return undefined;
  return { name: match[1]!, start: at - match[0].length };
}

function openOf(code: string, close: number): number {
  let depth = 0;
  for (let at = close; at >= 0; at -= 1) {
    if (code[at] === ")") depth += 1;
    else if (code[at] === "(" && --depth === 0) return at;
  }
  return -1;
}

const initial =
  /^(PyInit|PyModExport)_|init|exec|setup|create_module|register|traverse|clear|free|dealloc|fini|cleanup/i;

/** Functions that run under the import of the module, or at its end: called by name or by other such functions only. */
export function initialFunctions(structure: string, functions: readonly CFunction[]): Set<CFunction> {
  const result = new Set(functions.filter(({ name }) => initial.test(name)));
  const callers = callersOf(structure, functions);
  for (let grown = true; grown; ) {
    grown = false;
    for (const one of functions) {
      const around = callers.get(one.name)!;
      // A use outside of functions is a declaration or an entry of a table of methods.
      if (result.has(one) || around.size === 0) continue;
      if ([...around].every((caller) => caller && (caller === one || result.has(caller)))) {
        result.add(one);
        grown = true;
      }
    }
  }
  return result;
}

/** By name, the functions in which each is used; undefined among them for uses outside of all. */
function callersOf(
  structure: string,
  functions: readonly CFunction[],
): Map<string, Set<CFunction | undefined>> {
  const callers = new Map(functions.map(({ name }) => [name, new Set<CFunction | undefined>()]));
  const definitions = new Set(functions.map(({ start }) => start));
  for (const { 0: word, index } of structure.matchAll(/[A-Za-z_]\w*/g)) {
    const found = callers.get(word);
    if (found && !definitions.has(index)) found.add(functionAt(functions, index));
  }
  return callers;
}

/** The function whose body holds an offset. */
export function functionAt(functions: readonly CFunction[], offset: number): CFunction | undefined {
  let low = 0;
  let high = functions.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const one = functions[middle]!;
    if (offset <= one.open) high = middle - 1;
    else if (offset >= one.close) low = middle + 1;
    else return one;
  }
  return undefined;
}
