// L5: functions of a `ctypes.PyDLL` keep the GIL while they run; without it nothing keeps them apart.
import { defineFileRule } from "../rule.ts";

export default defineFileRule(
  {
    name: "pydll-as-lock",
    summary: "A library is loaded as ctypes.PyDLL, whose calls only the GIL keeps apart.",
    family: "GIL-reliant idioms",
    severity: "warning",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsTo("ctypes.PyDLL", "ctypes.pydll.LoadLibrary")) {
      const argument = view.argument(call, "name", 0);
      if (argument === undefined || argument.literal === "None") continue; // the interpreter itself
      const symbol = call.result < 0 ? "PyDLL" : view.file.place(call.result).name;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol,
        message: `Calls through PyDLL keep the GIL, so that one call ran at a time. Without the GIL two threads are inside \`${symbol}\` at once, and what its functions keep in static variables is corrupted. Use CDLL and a lock around the calls, unless the library is safe for threads.`,
        evidence: "likely",
        related: [],
      };
    }
  },
);
