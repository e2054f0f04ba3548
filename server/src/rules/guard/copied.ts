// Classes whose objects the program copies or pickles as a whole: a lock in them would go along, or stand in the way.
import type { ObjectCopy } from "../../findings/finding.ts";
import { type FileNode, keyOf, type Ref } from "../../program/fileNode.ts";
import type { Program } from "../../program/program.ts";

const copying: ReadonlyMap<string, ObjectCopy["way"]> = new Map([
  ["copy.copy", "copy"],
  ["copy.deepcopy", "deepcopy"],
  ["pickle.dump", "pickle"],
  ["pickle.dumps", "pickle"],
]);

/** Methods by which a class decides for itself what a copy of its objects, or a pickle, has in it. */
const ownWays = [
  "__getstate__",
  "__setstate__",
  "__reduce__",
  "__reduce_ex__",
  "__copy__",
  "__deepcopy__",
  "__getattribute__",
];

/** By class, bases included, the calls that copy its objects. */
export function copiedClasses(program: Program): Map<number, ObjectCopy[]> {
  const copied = new Map<number, ObjectCopy[]>();
  for (const file of program.files.values()) {
    if (!file.facts.imports.some(({ module }) => module === "copy" || module === "pickle")) continue;
    for (const { callee, args, fn, start } of file.facts.calls) {
      const place = args[0]?.place ?? -1;
      if (callee < 0 || place < 0) continue;
      const entity = program.resolver.path(file, file.place(callee));
      const way = entity?.kind === "external" ? copying.get(entity.name) : undefined;
      if (entity?.kind !== "external" || way === undefined) continue;
      const words = `\`${entity.name}()\` in \`${file.facts.functions[fn]!.qualifiedName}\``;
      for (const cls of classesOf(program, file, place)) {
        for (const { file: from, index } of program.resolver.lineage(cls)) {
          const key = keyOf(from, index);
          copied.set(key, [...(copied.get(key) ?? []), { words, way, path: file.path, start }]);
        }
      }
    }
  }
  return copied;
}

/** By class, one that is derived from it in another file and decides for itself how its objects are copied. */
export function copiedApart({ files, resolver }: Program): Map<number, string> {
  const apart = new Map<number, string>();
  for (const file of files.values()) {
    file.facts.classes.forEach(({ name }, index) => {
      const own = ownWays.find((method) => file.methods[index]!.has(method));
      if (own === undefined) return;
      for (const base of resolver.lineage({ file, index })) {
        if (base.file !== file) apart.set(keyOf(base.file, base.index), `${name}.${own}`);
      }
    });
  }
  return apart;
}

function classesOf(program: Program, file: FileNode, place: number): readonly Ref[] {
  const at = file.place(place);
  if (at.root === "self" && at.path.length === 0) return [{ file, index: at.owner }];
  return program.resolver.holding(file, at)?.classes ?? [];
}
