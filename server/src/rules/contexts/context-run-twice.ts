// K9: one Context object can be entered by one thread at a time.
import type { Argument, Call } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

const starters = ["Thread", "Timer", "submit", "map", "run_in_executor", "apply_async", "start_new_thread"];
const waiting = ["join", "result", "wait", "as_completed"];

export default defineFileRule(
  {
    name: "context-run-twice",
    summary: "Several threads are told to run in one context object, which only one can enter at a time.",
    family: "contexts",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const uses = new Map<string, Call>();
    for (const call of [...view.callsNamed(...starters)].sort((a, b) => a.start - b.start)) {
      const context = contextOf(view, call);
      if (context === undefined) continue;
      const key = `${call.fn} ${context.name}`;
      const first = uses.get(key);
      uses.set(key, call);
      const isMap = view.file.place(call.callee).path.at(-1) === "map";
      const loop = loopOutside(view, call, context.made);
      const isRepeated = isMap || (loop !== undefined && !waits(view, call.fn, call.end, undefined, loop));
      const isSecond = first !== undefined && !waits(view, call.fn, first.end, call.start);
      if (!isRepeated && !isSecond) continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: context.name,
        message: `Several threads are told to run in the one context \`${context.name}\`. While one is inside, \`run\` raises RuntimeError in the others ("cannot enter context: … is already entered"), and their work is not done. Make a copy for each: contextvars.copy_context().run, or ${context.name}.copy().run.`,
        evidence: "proven",
        related: [
          {
            path: view.file.path,
            range: view.file.range(context.made, context.made),
            message: `\`${context.name}\` is made here, once`,
          },
        ],
      };
    }
  },
);

/** The variable whose `run` a thread is to call, or that is given as the thread's context. */
function contextOf(view: FileView, call: Call): { name: string; made: number } | undefined {
  for (const argument of call.args) {
    const found = contextIn(view, argument);
    if (found !== undefined) return found;
  }
  return undefined;
}

function contextIn(view: FileView, { keyword, place }: Argument): { name: string; made: number } | undefined {
  if (place < 0) return undefined;
  const at = view.file.place(place);
  const isRun = at.path.length === 1 && at.path[0] === "run";
  if (!isRun && !(keyword === "context" && at.path.length === 0)) return undefined;
  if (at.root !== "local" && at.root !== "global") return undefined;
  const bindings = view.file.bindingsOf(at.root, at.owner, at.name);
  const [only] = bindings;
  if (bindings.length !== 1 || only!.value !== "call" || only!.source < 0) return undefined;
  const maker = view.externalName(only!.source);
  return maker === "contextvars.copy_context" || maker === "contextvars.Context"
    ? { name: at.name, made: only!.start }
    : undefined;
}

/** The loop around a call that the context was made outside of. */
function loopOutside(view: FileView, call: Call, made: number): number | undefined {
  const { contexts } = view.file.facts;
  for (let at = call.context; at !== 0; at = contexts[at]!.parent) {
    if (contexts[at]!.kind === "loop" && made < contexts[at]!.start) return at;
  }
  return undefined;
}

/** Whether the function waits for a thread between two offsets, or from the first to the end of a loop. */
function waits(view: FileView, fn: number, from: number, to = Number.POSITIVE_INFINITY, loop = 0): boolean {
  const { contexts } = view.file.facts;
  const isInside = (context: number) => {
    for (let at = context; at !== 0; at = contexts[at]!.parent) if (at === loop) return true;
    return loop === 0;
  };
  return view
    .callsNamed(...waiting)
    .some((wait) => wait.fn === fn && wait.end > from && wait.start < to && isInside(wait.context));
}
