// L3: `FREE = not sys._is_gil_enabled()` at import: the answer can change with the next import.
import type { Call } from "../../facts/facts.ts";
import { isUnderMain } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "gil-check-misuse",
    summary: "Whether the GIL is on is asked once, at import, and relied on afterwards.",
    family: "GIL-reliant idioms",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsTo("sys._is_gil_enabled")) {
      if (call.fn !== 0 || isUnderMain(view.file, call.context) || !isKept(view, call)) continue;
      const build =
        view.target === "3.15" ? "sys.abi_info.free_threaded" : 'sysconfig.get_config_var("Py_GIL_DISABLED")';
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: "sys._is_gil_enabled",
        message: `This is the GIL's state while the module is imported. An extension module that is imported later can switch the GIL on, and PYTHON_GIL can do so on any free-threaded build, so what is remembered here is wrong from then on. For the kind of build ask ${build}; for the present state call the function where it matters, and take locks in either case.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);

/** Whether the answer is stored in a name, or decides what a name of the module is bound to. */
function isKept({ file }: FileView, call: Call): boolean {
  const { accesses, contexts } = file.facts;
  return accesses.some(({ op, fn, start, context, statementStart, statementEnd }) => {
    if (op !== "rebind" || fn !== 0 || start === call.start) return false;
    if (statementStart <= call.start && call.end <= statementEnd) return true;
    for (let at = context; at !== 0; at = contexts[at]!.parent) {
      const { kind, detail, start: test } = contexts[at]!;
      if (kind === "test" && test <= call.start && /_is_gil_enabled\(/.test(detail) && call.end <= start)
        return true;
    }
    return false;
  });
}
