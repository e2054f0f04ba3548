// E5: catch_warnings saves and restores the process's filters, until 3.14 gives free-threaded builds context-local ones.
import { defineFileRule } from "../rule.ts";
import { changeByAccess, changeByCall, episodes, issueOf } from "../shapes/processState.ts";

const state = "warnings.filters";

export default defineFileRule(
  {
    name: "catch-warnings-shared",
    summary: "Warning filters are changed for a while by code that several threads run.",
    family: "process-wide state",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const isContextLocal = view.target !== "3.13";
    const changes = [
      ...view
        .callsTo("warnings.catch_warnings", "pytest.warns", "pytest.deprecated_call")
        .map((call) => changeByCall(call, state, { managed: true })),
      ...view
        .callsTo("warnings.simplefilter", "warnings.filterwarnings", "warnings.resetwarnings")
        .map((call) => changeByCall(call, state, { undo: false })),
      ...view
        .accessesTo("warnings.showwarning", "warnings.filters")
        .filter(({ op }) => op === "rebind" || op === "augment" || op === "item-store")
        .map((access) => changeByAccess(access, state)),
    ];
    for (const episode of episodes(view, changes)) {
      // Filters that are set for good are setup, unless a thread does it.
      if (!episode.temporary && episode.reach.evidence !== "proven") continue;
      const issue = issueOf(
        view,
        episode,
        "Warnings of other threads vanish or turn up here, and filters can stay changed.",
        "Set filters once at start, or call what does not warn.",
      );
      if (!isContextLocal) yield issue;
      else if (episode.change.managed) {
        yield {
          ...issue,
          severity: "hint",
          message: `${issue.message} Free-threaded builds of ${view.target} keep these filters per context; builds with the GIL still share them unless started with -X context_aware_warnings=1.`,
        };
      } else yield { ...issue, severity: "information" };
    }
  },
);
