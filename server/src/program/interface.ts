// What other files can see of a file. As long as this text stays the same, an edit cannot change what any
// other file means, and only the edited file is linked again.
import type { FileFacts, Place } from "../facts/facts.ts";

export function interfaceOf(facts: FileFacts): string {
  const parts: string[] = [];
  const text = (place: number) => (place < 0 ? "-" : placeText(facts.places, facts.places[place]!));
  for (const f of facts.functions) {
    parts.push(
      `f${f.name}/${f.owner}/${f.parent}/${f.parameters}/${f.mutableDefaults}/${f.decorators.map(text)}/${f.callerHolds}`,
    );
  }
  for (const c of facts.classes) parts.push(`c${c.name}/${c.fn}/${c.bases.map(text)}`);
  for (const i of facts.imports)
    parts.push(`i${i.local}=${".".repeat(i.level)}${i.module}:${i.name}/${i.fn}`);
  for (const b of facts.bindings) {
    const { root } = facts.places[b.place]!;
    if (root !== "global" && root !== "self" && root !== "class") continue;
    parts.push(`b${text(b.place)}=${b.value}:${text(b.source)}:${b.annotation}`);
  }
  return parts.join("\n");
}

function placeText(places: readonly Place[], place: Place): string {
  const root =
    place.root === "call" ? `(${placeText(places, places[place.owner]!)})` : `${place.root}${place.owner}`;
  return `${root}:${[place.name, ...place.path].join(".")}`;
}
