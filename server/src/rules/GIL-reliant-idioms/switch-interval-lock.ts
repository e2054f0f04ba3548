// L2: `sys.setswitchinterval(1000)`: nobody is to interrupt, but without the GIL nobody needs to.
import { defineFileRule } from "../rule.ts";

/** Seconds; the default is 0.005, and programs that want more switches go below it. */
const longest = 0.05;

export default defineFileRule(
  {
    name: "switch-interval-lock",
    summary: "A long switch interval stands in for a lock.",
    family: "GIL-reliant idioms",
    severity: "error",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    for (const call of view.callsTo("sys.setswitchinterval")) {
      const [, seconds = ""] =
        /\(\s*(?:interval\s*=\s*)?(.*?)\s*\)$/s.exec(view.text.slice(call.start, call.end)) ?? [];
      const isEndless =
        /^((sys\.)?maxsize|(threading\.)?TIMEOUT_MAX|float\(["']inf["']\)|(math\.)?inf)$/.test(seconds);
      if (!isEndless && !(Number(seconds.replaceAll("_", "")) > longest)) continue;
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: "sys.setswitchinterval",
        message:
          "The switch interval says how long a thread may keep the GIL. Without the GIL threads run at the same time whatever it is, so steps that it kept together come between each other and updates are lost. Guard them with a lock.",
        evidence: "likely",
        related: [],
      };
    }
  },
);
