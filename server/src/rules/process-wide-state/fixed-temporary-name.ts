// E12: a temporary file of a fixed name is one file for all threads that write it.
import type { Call } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { threadsAt } from "../shapes/processState.ts";

export default defineFileRule(
  {
    name: "fixed-temporary-name",
    summary: "Threads write a temporary file of one fixed or guessable name.",
    family: "process-wide state",
    severity: "information",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const { call, fault } of [...guessed(view), ...fixed(view)]) {
      const reach = threadsAt(view, call);
      // Callers of a library choose its files; only threads that are known write one at once.
      if (reach === undefined || reach.evidence === "exposed" || !reach.parallel) continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: view.textOf(view.file.place(call.callee)),
        message: `${reach.because} ${fault} Use tempfile.NamedTemporaryFile or TemporaryDirectory, which make a new file for each caller.`,
        evidence: reach.evidence,
        related: reach.trace,
      };
    }
  },
);

interface Temporary {
  readonly call: Call;
  readonly fault: string;
}

function guessed(view: FileView): Temporary[] {
  const fault =
    "tempfile.mktemp only makes up a name: before this thread creates the file, another thread or process can take the name.";
  return view.callsTo("tempfile.mktemp").map((call) => ({ call, fault }));
}

/** `open("/tmp/out.bin", "wb")`, and the same below `tempfile.gettempdir()`. */
function fixed(view: FileView): Temporary[] {
  const fault = "They all write the same file, so that each finds what another has written, or half of it.";
  return view
    .callsTo("open", "io.open")
    .filter((call) => {
      const mode = view.argument(call, "mode", 1)?.literal ?? "";
      const path = view.argument(call, "file", 0);
      if (!/^["'][^"']*[wa+]/.test(mode) || path === undefined) return false;
      return isTemporaryPath(path.literal) || isJoined(view, view.file.facts.calls[path.call]);
    })
    .map((call) => ({ call, fault }));
}

/** A plain string below the folder for temporary files, without a part that differs. */
function isTemporaryPath(literal: string): boolean {
  return /^[rb]?["'](\/var)?\/tmp\/[^{}%]+["']$/.test(literal);
}

/** `os.path.join(tempfile.gettempdir(), "out.bin")` */
function isJoined(view: FileView, join: Call | undefined): boolean {
  if (join === undefined || join.callee < 0 || view.externalName(join.callee) !== "os.path.join")
    return false;
  const [folder, ...names] = join.args;
  const inner = folder === undefined ? undefined : view.file.facts.calls[folder.call];
  if (inner === undefined || inner.callee < 0) return false;
  return (
    view.externalName(inner.callee) === "tempfile.gettempdir" &&
    names.every(({ literal }) => /^["'][^{}%]*["']$/.test(literal))
  );
}
