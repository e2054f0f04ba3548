// Statements that say whose a name is: `global` and `nonlocal`.
import type { TextEdit } from "../../fix.ts";
import type { Source } from "../../source.ts";

/** Takes a name out of a `global` or `nonlocal` statement, with the whole line when it is the only one. */
export function undeclared(source: Source, declared: number): TextEdit {
  const { tree } = source;
  const statement = tree.parent(declared);
  const names = tree.children(statement);
  if (names.length === 1) {
    const end = source.text.indexOf("\n", tree.end(statement)) + 1;
    return source.replace(source.lineStart(tree.start(statement)), end, "");
  }
  const at = names.indexOf(declared);
  return at === 0
    ? source.replace(tree.start(declared), tree.start(names[1]!), "")
    : source.replace(tree.end(names[at - 1]!), tree.end(declared), "");
}
