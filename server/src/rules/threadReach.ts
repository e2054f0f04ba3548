// How threads get to a function, for rules about calls that one thread makes and all threads feel.
import type { Evidence, RelatedLocation } from "../findings/finding.ts";
import type { Route } from "../program/concurrency.ts";
import { type FileNode, keyOf } from "../program/fileNode.ts";
import type { Intent } from "../program/intent.ts";
import type { Program } from "../program/program.ts";

export interface Reach {
  readonly evidence: Evidence;
  /** Why threads are expected here, as a sentence: "`load` runs in a pool thread, several at once." */
  readonly because: string;
  /** Where the thread is started and through which calls it comes; empty unless proven. */
  readonly trace: readonly RelatedLocation[];
  /** Whether several threads can be here at once, by the program's own starts. */
  readonly parallel: boolean;
}

/**
 * How a thread gets to an offset in a function.
 * @returns undefined for code that import, a script's top level, `main` or a test's setup runs
 */
export function threadReach(program: Program, intent: Intent, file: FileNode, fn: number): Reach | undefined {
  const fact = file.facts.functions[fn]!;
  const key = keyOf(file, fn);
  const routes = program.concurrency.routes(key);
  const [route] = routes;
  if (route !== undefined) {
    const parallel = routes.length > 1 || route.entry.parallel || program.concurrency.runsOutside(key);
    const several = route.entry.parallel ? ", several at once" : "";
    return {
      evidence: "proven",
      because: `\`${fact.qualifiedName}\` runs in ${route.entry.label}${several}.`,
      trace: traceOf(route),
      parallel,
    };
  }
  const ref = { file, index: fn };
  if (fn === 0 || fact.name === "main" || /^(setUp|tearDown|setup_|teardown_)/.test(fact.name))
    return undefined;
  if (intent.runsOnlyAtImport(ref) || intent.runsOnlyFromTopLevel(ref)) return undefined;
  const cls = fact.owner >= 0 ? { file, index: fact.owner } : undefined;
  const isMeant = cls === undefined ? intent.isThreadedModule(file) : intent.isThreadedClass(cls);
  if (isMeant) {
    const who = cls === undefined ? "This module" : `\`${file.facts.classes[cls.index]!.name}\``;
    return {
      evidence: "likely",
      because: `${who} takes locks or starts threads, so it is meant for several threads.`,
      trace: [],
      parallel: true,
    };
  }
  return {
    evidence: "exposed",
    because: "Any caller may run this in several threads.",
    trace: [],
    parallel: true,
  };
}

/** A thread's way from its start to the function, for the related information. */
export function traceOf(route: Route): RelatedLocation[] {
  const { entry } = route;
  const target = entry.fn.file.facts.functions[entry.fn.index]!.qualifiedName;
  return [
    {
      path: entry.file.path,
      range: entry.file.range(entry.start, entry.end),
      message: `${entry.label.charAt(0).toUpperCase()}${entry.label.slice(1)} runs \`${target}\``,
    },
    ...route.calls.map(({ file, call }) => ({
      path: file.path,
      range: file.range(call.start, call.end),
      message: `called by \`${file.facts.functions[call.fn]!.qualifiedName}\` here`,
    })),
  ];
}
