/** The page of the benchmark panel: shows the state it is given and keeps it for a reload. */
import type { BenchmarkState, FromPage, ToPage } from "../src/benchmark/messages.ts";
import { drawLegend } from "./laneMarks.ts";
import { SpeedupChart } from "./speedupChart.ts";

interface Host {
  postMessage(message: FromPage): void;
  setState(state: BenchmarkState): void;
}

declare function acquireVsCodeApi(): Host;

const host = acquireVsCodeApi();
const chart = new SpeedupChart(element("chart"));

window.addEventListener("message", ({ data }: MessageEvent<ToPage>) => {
  if (data.type === "show") {
    host.setState(data.state);
    show(data.state);
  }
});
for (const button of document.querySelectorAll<HTMLButtonElement>("button[data-copy]")) {
  button.addEventListener("click", () => {
    host.postMessage({ type: "copy", what: button.dataset.copy === "markdown" ? "markdown" : "commandLine" });
  });
}
host.postMessage({ type: "ready" });

function show({ title, result, done }: BenchmarkState): void {
  element("title").textContent = title;
  element("verdict").textContent = result.verdict;
  element("chart").setAttribute("aria-label", done.chartSummary);
  element("figures").replaceChildren(...figures(done.table));
  element("costs").replaceChildren(...done.costs.map((text) => filled("p", `${text}.`)));
  element("reasons").replaceChildren(...result.reasons.map(({ message }) => prose("li", message)));
  element("builds").replaceChildren(
    ...result.lanes.map((lane) =>
      prose("li", `${lane.id}: CPython ${lane.pythonVersion}, \`${lane.python}\``),
    ),
  );
  element("working").hidden = true;
  element("content").hidden = false;
  drawLegend(element("legend"), result);
  chart.draw(result);
}

function element(id: string): HTMLElement {
  return document.getElementById(id)!;
}

/** The head, and a body for each build: its name over one row per thread count. */
function figures({ head, groups }: BenchmarkState["done"]["table"]): HTMLElement[] {
  const thead = document.createElement("thead");
  thead.append(row(head.map((text) => cell("th", text, "col"))));
  const bodies = groups.map(({ title, rows }) => {
    const heading = cell("th", title, "rowgroup");
    heading.setAttribute("colspan", String(head.length));
    const body = document.createElement("tbody");
    body.append(
      row([heading]),
      ...rows.map((texts) =>
        row(texts.map((text, index) => (index === 0 ? cell("th", text, "row") : cell("td", text)))),
      ),
    );
    return body;
  });
  return [thead, ...bodies];
}

function row(cells: HTMLElement[]): HTMLElement {
  const tr = document.createElement("tr");
  tr.append(...cells);
  return tr;
}

function cell(kind: "td" | "th", text: string, scope?: string): HTMLElement {
  const made = filled(kind, text);
  if (scope) {
    made.setAttribute("scope", scope);
  }
  return made;
}

function filled(kind: string, text: string): HTMLElement {
  const made = document.createElement(kind);
  made.textContent = text;
  return made;
}

/** Backquotes become code. */
function prose(kind: string, text: string): HTMLElement {
  const made = document.createElement(kind);
  made.append(...text.split("`").map((part, index) => (index % 2 === 1 ? filled("code", part) : part)));
  return made;
}
