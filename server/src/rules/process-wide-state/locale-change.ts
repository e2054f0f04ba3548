// E4: setlocale and tzset change the process; the C library says that no other thread may run meanwhile.
import { defineFileRule } from "../rule.ts";
import { changeByCall, episodes, issueOf } from "../shapes/processState.ts";

const locale = "the locale";
const zone = "the time zone";

export default defineFileRule(
  {
    name: "locale-change",
    summary: "The locale or the time zone is changed while other threads run.",
    family: "process-wide state",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const changes = [
      ...view
        .callsTo("locale.setlocale")
        .filter((call) => asksNothing(call.args.length, view.argument(call, "locale", 1)?.literal))
        .map((call) =>
          changeByCall(call, locale, { undo: view.argument(call, "locale", 1)?.literal === "" }),
        ),
      ...view.callsTo("locale.resetlocale").map((call) => changeByCall(call, locale)),
      ...view.callsTo("time.tzset").map((call) => changeByCall(call, zone, { undo: true })),
      ...view
        .callsTo("calendar.different_locale")
        .map((call) => changeByCall(call, locale, { managed: true })),
    ];
    for (const episode of episodes(view, changes)) {
      const isZone = episode.change.state === zone;
      yield issueOf(
        view,
        episode,
        isZone
          ? "Other threads convert times for the wrong zone meanwhile."
          : "Other threads format and parse numbers and dates in the wrong locale meanwhile, and C code that reads it then may crash.",
        isZone
          ? "Use zoneinfo.ZoneInfo with aware datetimes."
          : "Set the locale once at start, and format with a library that takes the locale as a parameter, such as babel.",
      );
    }
  },
);

/** `setlocale(category)` and `setlocale(category, None)` only read. */
function asksNothing(count: number, value: string | undefined): boolean {
  return count > 1 && value !== "None";
}
