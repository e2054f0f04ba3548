// A declared guard, `# guarded-by: _lock`: every access outside of construction holds that lock, single reads too.
import type { Access } from "../../facts/facts.ts";
import type { DeclaredLock } from "../../program/annotations.ts";
import { accessOf, type Location } from "../../program/locations.ts";
import { callersLock } from "../../program/locksets.ts";
import { mutates } from "../../program/operations.ts";
import { symbolOf } from "../accessView.ts";
import type { FileView } from "../fileView.ts";
import { guardRequestFor } from "../guard/request.ts";
import { defineFileRule, type Issue } from "../rule.ts";

export default defineFileRule(
  {
    name: "guarded-by-violated",
    summary: "Data with a `# guarded-by:` comment is used without the lock that the comment names.",
    family: "annotations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
  },
  function* (view) {
    const { file, program, races } = view;
    if (!program.annotations.guardsAny) return;
    const told = new Set<string>();
    for (const [index, access] of file.facts.accesses.entries()) {
      const location = program.locationOf(file, access);
      const lock = location === undefined ? undefined : program.annotations.guardOf(location);
      if (location === undefined || lock === undefined) continue;
      const key = `${access.statement}:${location.key}`;
      if (told.has(key) || !races.isConcurrentPlace({ file, access: index })) continue;
      if (isHeld(view, lock, access.fn, access.context)) continue;
      told.add(key);
      yield violation(view, changeIn(view, access, location) ?? access, location, lock);
    }
  },
);

function isHeld({ file, program }: FileView, lock: DeclaredLock, fn: number, context: number): boolean {
  const held = program.locksets.held(file, fn, context);
  return held.has(lock.key) || held.has(callersLock);
}

/** Of several accesses in one statement the one that changes the data says most. */
function changeIn({ file }: FileView, { statement, fn }: Access, location: Location): Access | undefined {
  return location.sites
    .filter((site) => site.file === file)
    .map(accessOf)
    .find((other) => other.statement === statement && other.fn === fn && mutates(other));
}

function violation(view: FileView, access: Access, location: Location, lock: DeclaredLock): Issue {
  const { file } = view;
  const symbol = symbolOf(location);
  const fn = file.facts.functions[access.fn]!.qualifiedName;
  const harm = mutates(access)
    ? "a thread that holds the lock relies on it staying as it is"
    : "what it sees can be old, or half of a change that a thread with the lock is making";
  return {
    start: access.start,
    end: access.end,
    fn: access.fn,
    symbol,
    message: `\`${symbol}\` is declared to be guarded by \`${lock.text}\`, and \`${fn}\` ${mutates(access) ? "changes" : "uses"} it without holding that lock: ${harm}.`,
    evidence: "likely",
    related: [
      {
        path: lock.file.path,
        range: lock.file.range(lock.span.start, lock.span.end),
        message: `\`${symbol}\` is declared to be guarded by \`${lock.text}\` here`,
      },
    ],
    guard: guardRequestFor({ file, access, location }, lock),
  };
}
