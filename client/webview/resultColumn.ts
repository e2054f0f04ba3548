/** One result as a column of the page: the answer, its pictures, figures, reasons and ways out. */
import type { DrawnView, ReasonView } from "../../server/src/bench/report/view.ts";
import type { FromPage, Labels, ShownResult } from "../src/benchmark/messages.ts";
import { Chart } from "./chart.ts";
import { button, drawing, make, prose } from "./elements.ts";
import { escapeTable, figureTable } from "./tables.ts";

export interface ColumnPlace {
  readonly index: number;
  /** How many columns there are. */
  readonly count: number;
  readonly labels: Labels;
  readonly send: (message: FromPage) => void;
  /** Common end of the speedup axes. */
  readonly top: number | undefined;
}

export interface Column {
  readonly element: HTMLElement;
  readonly charts: readonly Chart[];
}

export function resultColumn({ view }: ShownResult, place: ColumnPlace): Column {
  const { index, labels, send, top } = place;
  const id = (name: string) => `${name}-${index}`;
  const heading = (name: string, text: string) => make("h2", { id: id(name) }, text);
  const pictures = drawnPictures(view, top);
  const { comparison } = view;
  const element = make(
    "article",
    { "aria-labelledby": id("title") },
    make("h1", { id: id("title") }, view.title),
    make("p", { class: "answer" }, view.answer),
    make("p", { class: "when" }, view.subtitle),
    actions(place),
    ...pictures.elements,
    ...(comparison
      ? [
          heading("compared", labels.compared),
          make("p", {}, comparison.answer),
          figureTable(id("compared"), comparison.head, [{ title: "", rows: comparison.rows }], "compared"),
        ]
      : []),
    heading("figures", labels.figures),
    figureTable(id("figures"), view.table.head, view.table.groups, "figures"),
    ...view.costs.map((text) => make("p", {}, `${text}.`)),
    heading("why", labels.why),
    make("ul", {}, ...view.reasons.map((reason) => reasonItem(reason, send))),
    ...(view.escapes.length > 0
      ? [heading("escapes", labels.escapes), escapeTable(id("escapes"), view.escapes, labels)]
      : []),
    heading("builds", labels.builds),
    make("ul", {}, ...view.builds.map((text) => make("li", {}, ...prose(text)))),
  );
  return { element, charts: pictures.charts };
}

/** The speedup with its legend, then the smaller pictures side by side. */
export function drawnPictures(
  { legend, pictures }: DrawnView,
  top?: number,
): { readonly elements: readonly HTMLElement[]; readonly charts: readonly Chart[] } {
  const charts = pictures.map((picture) => {
    const chart = new Chart();
    chart.draw(picture, picture.id === "speedup" ? top : undefined);
    return chart;
  });
  const [speedup, ...bars] = charts;
  const entries = legend.map(({ label, paths }) => make("li", {}, drawing("0 0 40 16", paths), label));
  const elements = [
    speedup!.element,
    make("ul", { class: "legend" }, ...entries),
    make(
      "div",
      { class: "bars" },
      ...bars.map((chart, index) =>
        make("figure", {}, make("figcaption", {}, pictures[index + 1]!.title), chart.element),
      ),
    ),
  ];
  return { elements, charts };
}

function actions({ index, count, labels, send }: ColumnPlace): HTMLElement {
  const ofPage = [
    button(labels.again, () => send({ type: "again" }), "primary"),
    button(labels.compare, () => send({ type: "compare" })),
  ];
  return make(
    "div",
    { class: "actions" },
    ...(index === 0 ? ofPage : []),
    button(labels.copyCommand, () => send({ type: "copyCommand", index })),
    button(labels.copyMarkdown, () => send({ type: "copyMarkdown", index })),
    button(labels.export, () => send({ type: "export", index })),
    ...(count > 1 && index > 0 ? [button(labels.close, () => send({ type: "close", index }))] : []),
  );
}

function reasonItem({ message, evidence, link }: ReasonView, send: (message: FromPage) => void): HTMLElement {
  const rest = evidence === undefined ? [] : [" ", make("span", { class: "evidence" }, ...prose(evidence))];
  const name = link && `${link.path.split(/[\\/]/).at(-1)}:${link.line}`;
  const place = link && name ? [" ", button(name, () => send({ type: "open", ...link }), "link")] : [];
  return make("li", {}, ...prose(message), ...rest, ...place);
}
