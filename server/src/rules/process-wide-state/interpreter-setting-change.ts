// E8: settings of the interpreter, and of libraries that keep theirs in one place, hold for all threads.
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { changeByCall, episodes, issueOf, type StateChange } from "../shapes/processState.ts";

interface Setting {
  readonly state: string;
  /** Functions that set it; those in `undo` are only ever called to go back. */
  readonly set: readonly string[];
  readonly undo?: readonly string[];
  /** Context managers that set it for a while. */
  readonly managers?: readonly string[];
  readonly harm: string;
  readonly remedy: string;
}

const once = "Set it once at start, before there are threads.";
const settings: readonly Setting[] = [
  {
    state: "the recursion limit",
    set: ["sys.setrecursionlimit"],
    harm: "A thread that is deep in a recursion meanwhile gets a RecursionError when the limit goes down.",
    remedy: once,
  },
  {
    state: "the switch interval",
    set: ["sys.setswitchinterval"],
    harm: "It holds for all threads, and means nothing without the GIL.",
    remedy: "Guard with a lock what must not be interrupted.",
  },
  {
    state: "garbage collection",
    set: ["gc.disable", "gc.freeze", "gc.set_threshold"],
    undo: ["gc.enable", "gc.unfreeze"],
    harm: "The first thread that is ready enables it in the middle of the other's section, or leaves it disabled.",
    remedy: once,
  },
  {
    state: "tracemalloc",
    set: ["tracemalloc.start"],
    undo: ["tracemalloc.stop"],
    harm: "It traces the memory of all threads, and the first one that stops it throws away the traces of the others.",
    remedy: "Start it once, and compare snapshots.",
  },
  {
    state: "the default timeout of sockets",
    set: ["socket.setdefaulttimeout"],
    harm: "Connections that other threads open meanwhile get this timeout.",
    remedy: "Set the timeout of the connection: socket.settimeout, or timeout=.",
  },
  {
    state: "the stack size of new threads",
    set: ["threading.stack_size", "_thread.stack_size"],
    harm: "Threads that others start meanwhile get this stack.",
    remedy: once,
  },
  {
    state: "the limit of int digits",
    set: ["sys.set_int_max_str_digits"],
    harm: "Other threads convert numbers under this limit meanwhile.",
    remedy: once,
  },
  {
    state: "the options of pandas",
    set: ["pandas.set_option", "pandas.reset_option"],
    managers: ["pandas.option_context"],
    harm: "Other threads compute and print with these options meanwhile.",
    remedy: once,
  },
  {
    state: "the settings of dask",
    set: [],
    managers: ["dask.config.set"],
    harm: "Graphs that other threads build meanwhile get these settings.",
    remedy: "Pass the setting as a parameter, or keep it in a ContextVar.",
  },
  {
    state: "the settings of matplotlib",
    set: ["matplotlib.rcdefaults", "matplotlib.use", "matplotlib.pyplot.switch_backend"],
    managers: ["matplotlib.rc_context", "matplotlib.pyplot.rc_context", "matplotlib.style.context"],
    harm: "Figures that other threads draw meanwhile look like this.",
    remedy: "Set the properties of the figure.",
  },
];

const everySetter = settings.flatMap(({ set, undo = [], managers = [] }) => [...set, ...undo, ...managers]);

export default defineFileRule(
  {
    name: "interpreter-setting-change",
    summary: "A setting of the whole interpreter, or of a library, is changed while other threads run.",
    family: "process-wide state",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    if (view.callsTo(...everySetter).length === 0) return; // most files
    for (const setting of settings) {
      for (const episode of episodes(view, changes(view, setting))) {
        // One thread that sets it for good is setup; several that do so, or take it back, meet each other.
        if (!episode.temporary && (episode.reach.evidence !== "proven" || !episode.reach.parallel)) continue;
        const issue = issueOf(view, episode, setting.harm, setting.remedy);
        if (episode.temporary) yield issue;
        else yield { ...issue, severity: "information" };
      }
    }
  },
);

function changes(view: FileView, { state, set, undo = [], managers = [] }: Setting): StateChange[] {
  return [
    ...view
      .callsTo(...set)
      .filter((call) => call.args.length > 0 || !/stack size/.test(state))
      .map((call) => changeByCall(call, state)),
    ...view.callsTo(...undo).map((call) => changeByCall(call, state, { undo: true })),
    ...view
      .callsTo(...managers)
      .filter((call) => call.managed || managers.every((name) => name !== "dask.config.set"))
      .map((call) => changeByCall(call, state, { managed: true })),
  ];
}
