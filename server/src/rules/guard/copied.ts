// Classes whose objects the program copies or pickles as a whole: a lock in them would go along, or stand in the way.
import { type FileNode, keyOf, type Ref } from "../../program/fileNode.ts";
import type { Program } from "../../program/program.ts";

const copying: ReadonlySet<string> = new Set(["copy.copy", "copy.deepcopy", "pickle.dump", "pickle.dumps"]);

/** By class, bases included, the call that copies its objects and the function it is in: "`copy.copy()` in `clone`". */
export function copiedClasses(program: Program): Map<number, string> {
  const copied = new Map<number, string>();
  for (const file of program.files.values()) {
    if (!file.facts.imports.some(({ module }) => module === "copy" || module === "pickle")) continue;
    for (const { callee, args, fn } of file.facts.calls) {
      const place = args[0]?.place ?? -1;
      if (callee < 0 || place < 0) continue;
      const entity = program.resolver.path(file, file.place(callee));
      if (entity?.kind !== "external" || !copying.has(entity.name)) continue;
      const words = `\`${entity.name}()\` in \`${file.facts.functions[fn]!.qualifiedName}\``;
      for (const cls of classesOf(program, file, place)) {
        for (const { file: from, index } of program.resolver.lineage(cls))
          copied.set(keyOf(from, index), words);
      }
    }
  }
  return copied;
}

function classesOf(program: Program, file: FileNode, place: number): readonly Ref[] {
  const at = file.place(place);
  if (at.root === "self" && at.path.length === 0) return [{ file, index: at.owner }];
  return program.resolver.holding(file, at)?.classes ?? [];
}
