// E3: `sys.stdout = …` and contextlib.redirect_stdout catch the output of every thread.
import { defineFileRule } from "../rule.ts";
import { changeByAccess, changeByCall, episodes, issueOf } from "../shapes/processState.ts";

const streams = ["sys.stdout", "sys.stderr", "sys.stdin"];

export default defineFileRule(
  {
    name: "redirected-standard-stream",
    summary: "sys.stdout, sys.stderr or sys.stdin is replaced while other threads run.",
    family: "process-wide state",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const stores = view
      .accessesTo(...streams)
      .filter(({ op }) => op === "rebind" || op === "augment")
      .map((access) => changeByAccess(access, view.externalName(access.place)!));
    const managers = view.callsTo("contextlib.redirect_stdout", "contextlib.redirect_stderr").map((call) => {
      const state = view.externalName(call.callee)?.endsWith("stderr") ? "sys.stderr" : "sys.stdout";
      return changeByCall(call, state, { managed: true });
    });
    for (const episode of episodes(view, [...stores, ...managers])) {
      yield issueOf(
        view,
        episode,
        episode.change.state === "sys.stdin"
          ? "All other threads read from it as well."
          : "What all other threads print goes there as well, and is missing where it belongs.",
        "Hand the stream on as a parameter: print(…, file=out).",
      );
    }
  },
);
