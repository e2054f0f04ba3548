// Containers that are read as a whole by something that takes its time: it gets a copy that is made in one step.
import type { TextFix } from "../fix.ts";
import { isPlain } from "./expressions.ts";
import { kindOf } from "./kinds.ts";
import type { Place } from "./place.ts";

export function serialisedCopy(place: Place): TextFix | undefined {
  const { tree, source } = place;
  const name = tree.source(place.node);
  const kind = isPlain(tree, place.node) ? kindOf(tree, name) : undefined;
  if (kind !== "dict" && kind !== "list" && kind !== "set") return undefined;
  const edit = source.replace(tree.start(place.node), tree.end(place.node), `${name}.copy()`);
  const title = `Hand over a copy: \`${name}.copy()\` (copies the outermost level each time)`;
  return place.fix(title, [edit], false);
}
