// Classes whose objects are made without the `__init__` of their base, which would make a lock.
import { keyOf } from "../../program/fileNode.ts";
import type { Program } from "../../program/program.ts";

/** For each class, a class below it whose `__init__` calls no other. */
export function classesWithOwnStart({ files, resolver }: Program): Map<number, string> {
  const found = new Map<number, string>();
  for (const file of files.values()) {
    file.facts.classes.forEach(({ name }, index) => {
      const init = file.methods[index]!.get("__init__");
      const [, ...above] = init === undefined ? [] : resolver.lineage({ file, index });
      if (above.length === 0) return;
      const callsOn = file.facts.calls.some(
        ({ fn, callee }) => fn === init && callee >= 0 && file.place(callee).path.at(-1) === "__init__",
      );
      if (callsOn) return;
      for (const base of above) found.set(keyOf(base.file, base.index), name);
    });
  }
  return found;
}
