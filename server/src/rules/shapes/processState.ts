// Changes of state that belongs to the whole process: which of them a thread may make while others run, and
// which are put back afterwards, so that two threads restore each other's values.
import type { Access, Argument, Call } from "../../facts/facts.ts";
import { type FileNode, keyOf, type Ref } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import type { Issue } from "../rule.ts";
import type { Reach } from "../threadReach.ts";

/** Where something happens; calls and accesses are spots. */
export interface Spot {
  readonly fn: number;
  readonly context: number;
  readonly start: number;
  readonly end: number;
}

export interface StateChange extends Spot {
  /** What is changed, as the reader calls it: `os.environ`. */
  readonly state: string;
  /** The part that is changed, empty for all of it: the name of a variable. */
  readonly part: string;
  /** Whether it can put an earlier value back. */
  readonly undo: boolean;
  /** Whether it puts the earlier value back by itself, as a context manager does. */
  readonly managed: boolean;
}

/** A change that threads may make; `undo` is where it is put back. */
export interface Episode {
  readonly change: StateChange;
  readonly undo: StateChange | undefined;
  readonly temporary: boolean;
  readonly reach: Reach;
}

/** Functions that make their settings once, before there are threads, judging by their names. */
const setupNames =
  /^_*(main|cli|setup|set_?up|configure|init|initiali[sz]e|bootstrap|daemoni[sz]e|run_cli|test\w*)(_|$)|_main$/i;

export function changeByCall(
  call: Call,
  state: string,
  more: Partial<Pick<StateChange, "part" | "undo" | "managed">> = {},
): StateChange {
  const { fn, context, start, end } = call;
  const undo = isSavedValue(call.args[0]);
  return { fn, context, start, end, state, part: "", undo, managed: false, ...more };
}

/** A store or deletion; stores of constants and new objects put nothing back. */
export function changeByAccess(access: Access, state: string, part = ""): StateChange {
  const { fn, context, start, end, op, detail } = access;
  // `sys.stdout = saved` counts as an update by itself, since `saved` was read from it.
  const stores = op === "augment" ? detail === "=" : detail === "place" || detail === "setattr";
  const undo = op === "delete" || op === "item-delete" || stores;
  return { fn, context, start, end, state, part, undo, managed: false };
}

/** Whether an argument is a variable, or an attribute, rather than something new. */
function isSavedValue(argument: Argument | undefined): boolean {
  return argument !== undefined && argument.place >= 0;
}

/** Changes that matter, one for each function and state. */
export function* episodes(view: FileView, changes: readonly StateChange[]): Iterable<Episode> {
  for (const group of byScope(view, changes)) {
    const inOrder = group.toSorted((a, b) => a.start - b.start);
    const open = inOrder.filter((change) => !isForked(view, change) && !isOnMainThread(view.file, change));
    const pair = open.flatMap((change) => {
      const undo = open.find((later) => undoes(view, change, later));
      return undo === undefined ? [] : [{ change, undo }];
    })[0];
    const change = pair?.change ?? open.find(({ managed }) => managed) ?? open[0];
    if (change === undefined) continue;
    const reach = threadsAt(view, change);
    const temporary = pair !== undefined || change.managed;
    if (reach === undefined || (reach.evidence === "exposed" && !temporary)) continue;
    yield { change, undo: pair?.undo, temporary, reach };
  }
}

/** How threads get there, undefined where a lock keeps them apart or only a program's setup and tests come. */
export function threadsAt(view: FileView, spot: Spot): Reach | undefined {
  const reach = view.reach(spot.fn);
  if (reach === undefined || view.program.locksets.held(view.file, spot.fn, spot.context).size > 0)
    return undefined;
  if (reach.evidence === "proven") return reach;
  return isTestModule(view) || isSetup(view, { file: view.file, index: spot.fn }, 0) ? undefined : reach;
}

/** A module that imports a test framework and has tests: its helpers serve them, one test at a time. */
function isTestModule({ file }: FileView): boolean {
  const { imports, functions } = file.facts;
  if (!imports.some(({ module }) => /^(pytest|unittest)\b/.test(module))) return false;
  return functions.some(({ name }) => /^test_?\w/.test(name));
}

/**
 * @param harm what other threads see, as a sentence
 * @param remedy one way out, as a sentence
 * @param fault what is wrong with a change for a while, when it is not that values are put back
 */
export function issueOf(
  view: FileView,
  episode: Episode,
  harm: string,
  remedy: string,
  fault = "of two threads that do this at once, one saves what the other has set and leaves it behind for good",
): Issue {
  const { change, undo, temporary, reach } = episode;
  const intro = temporary
    ? `\`${change.state}\` is changed here for a while, but it belongs to the whole process: ${fault}.`
    : `${reach.because} It changes \`${change.state}\`, which belongs to the whole process.`;
  const restored = undo && {
    path: view.file.path,
    range: view.file.range(undo.start, undo.end),
    message: "put back here",
  };
  return {
    start: change.start,
    end: change.end,
    fn: change.fn,
    symbol: change.state,
    message: `${intro} ${harm} ${remedy}`,
    evidence: reach.evidence,
    related: restored === undefined ? reach.trace : [restored, ...reach.trace],
  };
}

/** Changes of one state in one function, or in the methods that enter and leave one context manager. */
function byScope(view: FileView, changes: readonly StateChange[]): Iterable<StateChange[]> {
  const groups = new Map<string, StateChange[]>();
  for (const change of changes) {
    const { name, owner } = view.file.facts.functions[change.fn]!;
    const isManager = owner >= 0 && /^__a?(enter|exit|init)__$/.test(name);
    const key = `${isManager ? `class ${owner}` : change.fn}/${change.state}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  return groups.values();
}

function undoes(view: FileView, first: StateChange, later: StateChange): boolean {
  if (later.start <= first.start || !(later.undo || isInFinally(view, later))) return false;
  const samePart = first.part === later.part || first.part === "" || later.part === "";
  return samePart && !areAlternatives(view, first.context, later.context);
}

function isInFinally(view: FileView, { context }: Spot): boolean {
  const { contexts } = view.file.facts;
  for (let at = context; at !== 0; at = contexts[at]!.parent) {
    if (contexts[at]!.kind === "finally") return true;
  }
  return false;
}

/** Whether two contexts lie in the two branches of one test, or one behind the early exit of the other. */
export function areAlternatives(view: FileView, one: number, other: number): boolean {
  const { contexts } = view.file.facts;
  const branches = new Map<number, boolean>();
  for (let at = one; at !== 0; at = contexts[at]!.parent) {
    if (contexts[at]!.kind === "test") branches.set(contexts[at]!.start, contexts[at]!.holds);
  }
  for (let at = other; at !== 0; at = contexts[at]!.parent) {
    const { kind, start, holds } = contexts[at]!;
    if (kind === "test" && branches.has(start) && branches.get(start) !== holds) return true;
  }
  return false;
}

/** Whether a fork came before, or the function is one that only a child process runs. */
function isForked(view: FileView, { fn, start }: Spot): boolean {
  if (view.callsTo("os.fork", "os.forkpty", "pty.fork").some((call) => call.fn === fn && call.start < start))
    return true;
  return view.file.facts.calls.some((call) =>
    call.args.some(
      ({ keyword, place, lambda }) =>
        (keyword === "preexec_fn" && (lambda === fn || isFunction(view, place, fn))) ||
        ((keyword === "target" || keyword === "initializer") &&
          isFunction(view, place, fn) &&
          /Process|(^|\.)Pool$/.test(call.callee < 0 ? "" : view.textOf(view.file.place(call.callee)))),
    ),
  );
}

function isFunction(view: FileView, place: number, fn: number): boolean {
  if (place < 0) return false;
  const entity = view.program.resolver.path(view.file, view.file.place(place));
  if (entity?.kind !== "function" && entity?.kind !== "method") return false;
  return entity.ref.file === view.file && entity.ref.index === fn;
}

/** Whether the code asked for the main thread before it came here. */
export function isOnMainThread(file: FileNode, { context }: Spot): boolean {
  const { contexts } = file.facts;
  for (let at = context; at !== 0; at = contexts[at]!.parent) {
    if (contexts[at]!.kind === "test" && /main_thread|MainThread/.test(contexts[at]!.detail)) return true;
  }
  return false;
}

/** Entry points of programs, tests and their fixtures, and what only these call. */
function isSetup(view: FileView, { file, index }: Ref, depth: number): boolean {
  const { name, owner, decorators } = file.facts.functions[index]!;
  if (setupNames.test(name)) return true;
  if (decorators.some((at) => /^(fixture|command|group)$/.test(file.place(at).path.at(-1) ?? "")))
    return true;
  if (owner >= 0) {
    const bases = view.program.resolver.externalBases({ file, index: owner });
    if ([...bases].some((base) => base.endsWith("TestCase"))) return true;
  }
  const callers = view.program.callGraph.callersOf(keyOf(file, index));
  return (
    depth < 3 &&
    callers.length > 0 &&
    callers.every(
      (site) => site.call.fn === 0 || isSetup(view, { file: site.file, index: site.call.fn }, depth + 1),
    )
  );
}
