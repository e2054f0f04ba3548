// What belongs to an operation beside its own accesses: looks at the data that expect the operation's outcome, and the
// putting back of a value that no lock around a single change could protect.
import type { Access } from "../../facts/facts.ts";
import type { SourceRange } from "../../findings/finding.ts";
import { accessOf, type Site } from "../../program/locations.ts";
import { mutates } from "../../program/operations.ts";
import type { AccessView } from "../accessView.ts";
import type { Match } from "../rule.ts";

/**
 * Other accesses of the same function that expect the data to be as the operation leaves it, or as it found it:
 * `n -= 1`, then `if n == 0`; `node.next = self.head`, then `self.head = node`; or that fill again what it has emptied.
 * How near they have to be is for the fix to say.
 * @param concurrent all accesses of the location that other threads may make
 */
export function nearby(view: AccessView, concurrent: readonly Site[]): SourceRange[] | undefined {
  const { access, file, fn } = view;
  const isUpdate = access.op === "augment";
  const isUndone = concurrent.some((site) => isRemoval(accessOf(site)) && fnOf(site) !== fn);
  const test = mutates(access) ? view.decidingAccess((_, { kind }) => kind === "test") : undefined;
  const accesses = view
    .siblings()
    .filter((other) => other.place === access.place && other.statement !== access.statement)
    .filter((other) => {
      if (isUpdate || isSameItem(access, other)) return true;
      if (other.end < access.start) return access.op === "rebind" && !mutates(other);
      if (other.start < access.end) return false;
      return (isUndone && !isRemoval(other)) || (isEmptied(access) && mutates(other));
    });
  if (test !== undefined) accesses.push(file.facts.accesses[test]!);
  return accesses.length === 0 ? undefined : accesses.map((other) => file.rangeOf(other));
}

/** `counts[k] += 1`, then `return counts[k]`. */
function isSameItem(access: Access, other: Access): boolean {
  return access.op === "item-augment" && other.op === "item-read" && other.view === access.view;
}

const fnOf = (site: Site) => site.file.facts.functions[accessOf(site).fn];

/** `settings.clear()`, then `settings.update(new)`: nobody is to see it in between. */
function isEmptied({ op, detail }: Access): boolean {
  return op === "method" ? detail === "clear" : op === "rebind" && /^(list|dict|set)$/.test(detail);
}

/** Afterwards the data is another, or has less in it. */
function isRemoval({ op, detail }: Access): boolean {
  switch (op) {
    case "rebind":
    case "delete":
    case "item-delete":
      return true;
    case "method":
      return /^(pop|popitem|popleft|clear|remove|discard)$/.test(detail);
    default:
      return false;
  }
}

/**
 * An entry for `id(x)` that is taken out again in a `finally` marks the objects that this thread is busy with; another
 * thread must not see it, so the operation ends with the mark.
 */
export function untilUnmarked(view: AccessView, match: Match): Match {
  const { access } = view;
  if (!/^id\(/.test(access.view)) return match;
  const end = view
    .siblings()
    .findLast(
      (other) =>
        other.place === access.place &&
        other.start > access.start &&
        isRemoval(other) &&
        view.file.facts.contexts[other.context]!.kind === "finally",
    );
  return end === undefined ? match : { ...match, last: view.indexOf(end) };
}

/** Why no lock around the changes helps: `self.depth = 0`, and in a `finally` the value from before. */
export function putBack(view: AccessView): string | undefined {
  const { access, file } = view;
  if (access.op !== "augment" && access.op !== "rebind") return undefined;
  const isWritten = ({ op, detail }: Access) => op === "rebind" || (op === "augment" && detail === "=");
  if (!isWritten(access)) return undefined;
  const again = [access, ...view.siblings()].some(
    (other) =>
      other.place === access.place &&
      isWritten(other) &&
      file.facts.contexts[other.context]!.kind === "finally" &&
      !/^(none|bool|true|false|int|number|str)$/.test(other.detail),
  );
  return again
    ? `\`${view.fn.qualifiedName}\` puts the value back at the end; a lock around each change would not keep others from the value in between.`
    : undefined;
}
