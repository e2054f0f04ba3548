// M4: the warning that an extension module has switched the GIL on again is the only sign of it.
import type { Call } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

/** The warning's own words, in full or as a pattern. */
const words = /global interpreter lock|\bGIL\b/i;

export default defineFileRule(
  {
    name: "gil-warning-suppressed",
    summary: "The warning that an import has enabled the GIL is silenced.",
    family: "GIL-reliant idioms",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of silencing(view)) {
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: view.textOf(view.file.place(call.callee)),
        message:
          "This silences the only sign that importing an extension module has switched the GIL on for the rest of the process: all threads then take turns on one core, and nobody notices. Let the warning show, turn it into an error in tests, and look for a release of the module that supports free threading.",
        evidence: "likely",
        related: [],
      };
    }
  },
);

function silencing(view: FileView): Call[] {
  const filters = view
    .callsTo("warnings.filterwarnings")
    .filter(
      (call) =>
        /^["']ignore["']$/.test(view.argument(call, "action", 0)?.literal ?? "") &&
        words.test(view.argument(call, "message", 1)?.literal ?? ""),
    );
  const marks = view
    .callsTo("pytest.mark.filterwarnings")
    .filter(({ args }) => /^["']ignore:/.test(args[0]?.literal ?? "") && words.test(args[0]!.literal));
  return [...filters, ...marks];
}
