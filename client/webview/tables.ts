/** The tables of the page, in a shape that screen readers can walk through. */
import type { Escape } from "../../server/src/bench/report/escapes.ts";
import type { TableGroup } from "../../server/src/bench/report/table.ts";
import type { Labels } from "../src/benchmark/messages.ts";
import { make } from "./elements.ts";

/** @param labelledBy id of the heading above; groups without a title are rows alone */
export function figureTable(
  labelledBy: string,
  head: readonly string[],
  groups: readonly TableGroup[],
  look: string,
): HTMLElement {
  const bodies = groups.map(({ title, rows }) => {
    const heading = make("th", { scope: "rowgroup", colspan: String(head.length) }, title);
    return make("tbody", {}, ...(title ? [make("tr", {}, heading)] : []), ...rows.map((texts) => row(texts)));
  });
  const table = make("table", { "aria-labelledby": labelledBy, class: look }, headRow(head), ...bodies);
  // Wider than its column it scrolls, also with the arrow keys.
  return make(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": labelledBy },
    table,
  );
}

export function escapeTable(labelledBy: string, escapes: readonly Escape[], labels: Labels): HTMLElement {
  const rows = escapes.map(({ label, fit, because, best }) =>
    row([label, best ? labels.best : labels[fit], because], best ? { class: "best" } : {}),
  );
  const head = headRow([labels.wayOut, labels.fit, labels.because]);
  return make("table", { "aria-labelledby": labelledBy, class: "words" }, head, make("tbody", {}, ...rows));
}

function headRow(head: readonly string[]): HTMLElement {
  return make("thead", {}, make("tr", {}, ...head.map((text) => make("th", { scope: "col" }, text))));
}

function row(
  [first = "", ...texts]: readonly string[],
  attributes: Record<string, string> = {},
): HTMLElement {
  return make(
    "tr",
    attributes,
    make("th", { scope: "row" }, first),
    ...texts.map((text) => make("td", {}, text)),
  );
}
