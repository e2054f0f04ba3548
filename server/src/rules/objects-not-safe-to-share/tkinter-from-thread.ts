// F10: Tk belongs to the thread that made it; calls from others wait for its event loop, or fail without one.
import type { Place } from "../../facts/facts.ts";
import type { Route } from "../../program/concurrency.ts";
import { keyOf } from "../../program/fileNode.ts";
import type { ThreadEntry } from "../../program/threadEntries.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { traceOf } from "../threadReach.ts";

/** What programs call from threads to hand work to the event loop, and what only looks. */
const allowed = /^(after|after_idle|after_cancel|event_generate|quit|start|join|is_alive|mainloop)$/;

export default defineFileRule(
  {
    name: "tkinter-from-thread",
    summary: "A thread calls a tkinter widget that belongs to another thread.",
    family: "objects not safe to share",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { file } = view;
    if (!file.facts.imports.some(({ module }) => /^tkinter\b/.test(module))) return;
    const loops = loopThreads(view);
    for (const use of usesOf(view)) {
      const route = foreignRoute(view, use, loops);
      if (route === undefined) continue;
      const symbol = view.textOf(use.widget) || "self";
      yield {
        start: use.start,
        end: use.end,
        fn: use.fn,
        symbol,
        message: `\`${symbol}\` belongs to the thread that runs Tk's event loop, and \`${file.facts.functions[use.fn]!.qualifiedName}\` runs in ${route.entry.label}: the call waits for the loop, raises RuntimeError when there is none, and what the loop's own callbacks do to the widget gets in between its steps. Put the result into a queue.Queue that a callback of \`after\` reads.`,
        evidence: "proven" as const,
        related: traceOf(route),
      };
    }
  },
);

interface Use {
  readonly widget: Place;
  readonly fn: number;
  readonly start: number;
  readonly end: number;
}

/** Calls of widgets' methods and stores of their options, `label["text"] = …`. */
function* usesOf(view: FileView): Iterable<Use> {
  const { facts } = view.file;
  for (const { op, place, fn, start, end, detail } of facts.accesses) {
    if (fn === 0 || (op !== "method" && op !== "item-store")) continue;
    if (op === "method" && allowed.test(detail)) continue;
    const widget = view.file.place(place);
    if (widget.root === "local" && widget.owner === fn) continue;
    if (isWidget(view, widget, op === "method" ? detail : "")) yield { widget, fn, start, end };
  }
}

function isWidget({ file, program: { resolver } }: FileView, place: Place, method: string): boolean {
  const held = resolver.holding(file, place);
  if (held?.kinds.has("widget")) return true;
  const cls = held?.classes[0];
  // A method of the program's own is looked at where it is defined.
  if (cls === undefined || resolver.method(cls, method) !== undefined) return false;
  return resolver.externalBases(cls).some((base) => /^tkinter\.(ttk\.)?(Tk|[A-Z]\w*)$/.test(base));
}

/** Threads that run the event loop themselves. */
function loopThreads(view: FileView): ReadonlySet<ThreadEntry> {
  const { file, program } = view;
  return new Set(
    view
      .callsNamed("mainloop")
      .flatMap(({ fn }) => program.concurrency.routes(keyOf(file, fn)).map(({ entry }) => entry)),
  );
}

/** How a thread comes to the use that neither runs the loop nor made the widget. */
function foreignRoute(
  { file, program }: FileView,
  { widget, fn }: Use,
  loops: ReadonlySet<ThreadEntry>,
): Route | undefined {
  const written = widget.path.join(".");
  const makers = file.facts.calls.filter(({ result }) => {
    if (result < 0) return false;
    const { root, owner, name, path } = file.place(result);
    return (
      root === widget.root && owner === widget.owner && name === widget.name && path.join(".") === written
    );
  });
  const madeBy = new Set(
    makers.flatMap((call) => program.concurrency.routes(keyOf(file, call.fn)).map(({ entry }) => entry)),
  );
  return program.concurrency
    .routes(keyOf(file, fn))
    .find(({ entry }) => !loops.has(entry) && !madeBy.has(entry));
}
