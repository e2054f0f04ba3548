// A flag that a thread polls becomes a `threading.Event`: who waits for it sleeps until it is set, and no longer.
import type { CompactTree } from "../../../syntax/compactTree.ts";
import type { TextFix } from "../../fix.ts";
import { decoratorsOf, lastName } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { moduleMember } from "../text/imported.ts";
import { freshName } from "../text/localNames.ts";
import { EventEdits, isNegated } from "./eventEdits.ts";
import { usesOfFlag } from "./flagUses.ts";
import { opposite } from "./opposite.ts";

/** `while not self._done: sleep(…)` becomes `self._done.wait()`, and every other use in the file follows. */
export function eventInstead(place: Place): TextFix | undefined {
  const { tree, source, node, finding } = place;
  // The other file would go on to use it as a bool.
  if (finding.related.some(({ path }) => path !== finding.path)) return undefined;
  const uses = usesOfFlag(tree, node);
  const member = moduleMember(source, "threading", "Event");
  if (uses === undefined || member === undefined || !isPlain(tree, uses.cls)) return undefined;
  // At the top of a module it is made when the line runs, and the import has to stand above.
  const above = source.text.slice(0, tree.start(uses.made.assignment));
  if (member.edits.length === 0 && !/\bthreading\b/.test(above)) return undefined;
  // The event is set when what the polling thread waits for has come.
  const setWhen = isNegated(tree, node);
  const old = lastName(tree.source(node));
  const isOpen = uses.cls !== 0 && !old.startsWith("_");
  // Under another name, those who set it from outside would set nothing any more.
  if (isOpen && !setWhen) return undefined;
  const name = setWhen ? old : freshName(tree, opposite(old));
  const edits = new EventEdits(place, name, setWhen);
  if (!edits.polling(uses.reads)) return undefined;
  edits.made(uses, member.expression);
  edits.others(uses);
  const cost = isOpen ? `; code elsewhere that uses \`${old}\` has to follow` : "";
  const turned = setWhen ? "" : `, as \`${name}\``;
  const fix = place.fix(
    `Make \`${old}\` ${/^E/.test(member.expression) ? "an" : "a"} \`${member.expression}\`${turned}: who waits for it is woken at once (it is no bool any more${cost})`,
    [...member.edits, ...edits.list],
    false,
  );
  return { ...fix, isPreferred: !isOpen && uses.made.value !== setWhen };
}

/** Nothing forks, and objects that have it are neither copied nor pickled nor handed to another process. */
function isPlain(tree: CompactTree, cls: number): boolean {
  // A child process would find the event's lock as another thread left it.
  if (/\bregister_at_fork\b|\bos\.fork\b/.test(tree.text)) return false;
  if (cls === 0) return true;
  const movers = /\b(pickle|deepcopy|__reduce\w*__|__getstate__|copy\.copy|multiprocessing)\b|ProcessPool/;
  if (movers.test(tree.text)) return false;
  return decoratorsOf(tree, cls).length === 0 && !/\b__slots__\b/.test(tree.source(cls));
}
