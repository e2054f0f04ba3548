// C9: since Python 3.15 a lazily imported module runs when its name is first used, in whichever thread uses it.
import type { ImportFact } from "../../facts/facts.ts";
import type { RelatedLocation } from "../../findings/finding.ts";
import type { FileNode } from "../../program/fileNode.ts";
import { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import type { Reach } from "../threadReach.ts";

/** What a module's top level does to the whole process, by the functions that do it. */
const registrations = [
  "atexit.register",
  "signal.signal",
  "os.register_at_fork",
  "logging.basicConfig",
  "logging.config.dictConfig",
  "faulthandler.enable",
  "locale.setlocale",
  "os.chdir",
];

export default defineFileRule(
  {
    name: "lazy-import-side-effects",
    summary: "A module that starts threads or registers handlers is imported lazily, so a worker may run it.",
    family: "lazy initialisation",
    severity: "information",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    if (view.target !== "3.15") return; // PEP 810
    for (const item of view.file.facts.imports) {
      if (!item.isLazy) continue;
      const module = importedFile(view, item);
      const effect = module === undefined ? undefined : effectOf(view, module);
      const use = effect === undefined ? undefined : useInThread(view, item);
      if (effect === undefined || use === undefined) continue;
      const { reach } = use;
      yield {
        start: item.start,
        end: item.end,
        fn: item.fn,
        symbol: item.module,
        message: `\`${item.module}\` ${effect.words} when it is imported, and a lazy import runs it at the first use of \`${item.local}\`, in the thread that happens to be first. ${reach.because} Import it eagerly, or move what it does into a function that the main thread calls.`,
        evidence: reach.evidence,
        related: [
          effect.place,
          {
            path: view.file.path,
            range: view.file.range(use.start, use.end),
            message: "used in a thread here",
          },
          ...reach.trace,
        ],
      };
    }
  },
);

function importedFile({ file, program }: FileView, { local }: ImportFact): FileNode | undefined {
  const entity = program.resolver.global(file, local);
  switch (entity?.kind) {
    case "module":
    case "variable":
      return entity.file;
    case "function":
    case "class":
      return entity.ref.file;
    default:
      return undefined;
  }
}

/** What running the module's top level does, when others can notice. */
function effectOf(view: FileView, module: FileNode): { words: string; place: RelatedLocation } | undefined {
  const { program } = view;
  const at = (start: number, end: number, words: string) => ({
    words,
    place: { path: module.path, range: module.range(start, end), message: `it ${words} here` },
  });
  const started = program.concurrency.entries.find((e) => e.file === module && e.starter === 0);
  if (started !== undefined) return at(started.start, started.end, "starts a thread");
  const there = new FileView(module, program, view.target, view.intent, view.races, "");
  const call = there.callsTo(...registrations).find(({ fn }) => fn === 0);
  if (call === undefined) return undefined;
  return at(call.start, call.end, `calls \`${there.externalName(call.callee)}\``);
}

/** The first use of the imported name that a thread may come to before anybody else. */
function useInThread(
  view: FileView,
  { local }: ImportFact,
): { start: number; end: number; reach: Reach } | undefined {
  const { accesses, calls } = view.file.facts;
  const isOfModule = (place: number) => {
    if (place < 0) return false;
    const { root, name } = view.file.place(place);
    return root === "global" && name === local;
  };
  const uses = [...accesses.filter((a) => isOfModule(a.place)), ...calls.filter((c) => isOfModule(c.callee))];
  for (const { fn, start, end } of uses.sort((a, b) => a.start - b.start)) {
    if (fn === 0) return undefined; // this module's own top level comes first
    const reach = view.reach(fn);
    if (reach !== undefined) return { start, end, reach };
  }
  return undefined;
}
