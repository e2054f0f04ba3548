/** The result as one HTML file that needs nothing else: no script, no network. */
import type { BenchResult } from "../result.ts";
import { drawChart, laneMarks } from "./chart.ts";
import { costLines, groupHead, type TableGroup, tableGroups } from "./table.ts";

const light = ["#0b62c4", "#b3261e", "#6b4fa0", "#19713b", "#8a5a00", "#55606e"];
const dark = ["#6db3ff", "#ff9189", "#c9b1ff", "#74d39a", "#f0bd62", "#b5c0cd"];

const style = `
:root { color-scheme: light dark; --text: #1c2128; --muted: #57606a; --page: #ffffff; --card: #f6f8fa; --grid: #d5dbe1; ${variables(light)} }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --muted: #9aa5b1; --page: #0f1419; --card: #181f27; --grid: #333d48; ${variables(dark)} } }
body { margin: 0 auto; max-width: 54rem; padding: 2.5rem 1.5rem; background: var(--page); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
h1 { font-size: 1rem; font-weight: 500; color: var(--muted); margin: 0; }
.verdict { font-size: 1.25rem; line-height: 1.45; margin: .3rem 0 1.6rem; max-width: 46rem; text-wrap: pretty; }
h2 { font-size: 1.05rem; margin: 2.2rem 0 .6rem; }
figure { margin: 0; padding: 1rem; background: var(--card); border-radius: 8px; }
figure svg { width: 100%; height: auto; font-family: inherit; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; margin: .4rem 0 0; padding: 0; list-style: none; font-size: .9rem; }
.legend svg { width: 40px; height: 16px; vertical-align: middle; margin-right: .4rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .35rem .6rem; text-align: right; vertical-align: baseline; border-bottom: 1px solid var(--grid); font-weight: 400; }
td:not(:nth-child(3)) { white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; }
thead th { color: var(--muted); }
th[scope=rowgroup] { padding-top: .9rem; font-weight: 600; }
th[scope=row] { padding-left: .9rem; }
li { margin: .35rem 0; }
code, pre { font-family: ui-monospace, monospace; font-size: .88rem; overflow-wrap: anywhere; }
pre { background: var(--card); border-radius: 8px; padding: .8rem 1rem; white-space: pre-wrap; }
@media (max-width: 40rem) { figure svg[width] text { font-size: 20px !important; } body { padding: 1.5rem 1rem; } table { font-size: .82rem; } th, td { padding: .35rem .25rem; } }
/* Efficiency, which follows from the speedup, gives way first. */
@media (max-width: 36rem) { :is(th, td):nth-child(5) { display: none; } }
@media (prefers-contrast: more) { :root { --muted: var(--text); --grid: var(--text); } }
@media print { body { padding: 0; } figure, pre { border: 1px solid var(--grid); } }
`;

function variables(colours: readonly string[]): string {
  return colours.map((colour, index) => `--lane-${index}: ${colour};`).join(" ");
}

/** @param title what was run; `commandLine` how to run it again */
export function reportHtml(result: BenchResult, title: string, commandLine: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}: scaling without the GIL</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<p class="verdict">${escapeHtml(result.verdict)}</p>
<figure>
<div role="img" aria-label="${escapeHtml(chartSummary(result))}">${drawChart(result)}</div>
<ul class="legend">${legend(result)}</ul>
</figure>
<h2 id="figures">Figures</h2>
<table aria-labelledby="figures">
<thead><tr>${groupHead.map((cell) => `<th scope="col">${cell}</th>`).join("")}</tr></thead>
${tableGroups(result).map(tableGroup).join("\n")}
</table>
${costLines(result)
  .map((line) => `<p>${escapeHtml(line)}.</p>`)
  .join("\n")}
<h2>Why</h2>
<ul>
${result.reasons.map(({ message }) => `<li>${prose(message)}</li>`).join("\n")}
</ul>
<h2>Builds</h2>
<ul>
${result.lanes.map((lane) => `<li>${escapeHtml(lane.id)}: CPython ${escapeHtml(lane.pythonVersion)}, <code>${escapeHtml(lane.python)}</code></li>`).join("\n")}
</ul>
<h2>Run it again</h2>
<pre>${escapeHtml(commandLine)}</pre>
</main>
</body>
</html>
`;
}

/** What the picture shows, for those who cannot see it. */
export function chartSummary({ lanes }: BenchResult): string {
  const parts = lanes.map((lane) => {
    const points = lane.samples.map(({ threads, speedup }) => `${speedup.toFixed(2)} on ${threads}`);
    return `${lane.label}: ${points.join(", ")}`;
  });
  return `Line chart of speedup over threads. ${parts.join("; ")}.`;
}

function tableGroup({ title, rows }: TableGroup): string {
  const heading = `<tr><th scope="rowgroup" colspan="${groupHead.length}">${escapeHtml(title)}</th></tr>`;
  return `<tbody>\n${[heading, ...rows.map(tableRow)].join("\n")}\n</tbody>`;
}

function tableRow([threads = "", ...cells]: readonly string[]): string {
  return `<tr><th scope="row">${escapeHtml(threads)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`;
}

const legendShapes = {
  circle: "M14 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0",
  rect: "M15.5 3.5h9v9h-9z",
  triangle: "M20 3l5 9.5H15z",
  diamond: "M20 1.5L26.5 8L20 14.5L13.5 8z",
} as const;

function legend({ lanes }: BenchResult): string {
  const items = lanes.map((lane, index) => {
    const { dash, width, hollow, symbol } = laneMarks[index % laneMarks.length]!;
    const colour = `var(--lane-${index % laneMarks.length})`;
    const line = `<path d="M0 8H40" stroke="${colour}" stroke-width="${width}" stroke-dasharray="${dash.join(" ")}"${hollow ? ' opacity=".45"' : ""}/>`;
    const shape = `<path d="${legendShapes[symbol]}" fill="${hollow ? "none" : colour}" stroke="${hollow ? colour : "none"}" stroke-width="2"/>`;
    return `<li><svg viewBox="0 0 40 16" aria-hidden="true">${line}${shape}</svg>${escapeHtml(lane.label)}</li>`;
  });
  const ideal = `<li><svg viewBox="0 0 40 16" aria-hidden="true"><path d="M0 8H40" stroke="var(--text)" stroke-dasharray="1 3"/></svg>ideal</li>`;
  return [...items, ideal].join("");
}

function prose(message: string): string {
  return escapeHtml(message).replace(/`([^`]+)`/g, "<code>$1</code>");
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}
