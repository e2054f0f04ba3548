/** The result as one HTML file that needs nothing else: no script, no network. */
import type { BenchResult } from "../result.ts";
import { drawChart, laneMarks } from "./chart.ts";
import { costLines, tableHead, tableRows } from "./table.ts";

const light = ["#0b62c4", "#b3261e", "#6b4fa0", "#19713b", "#8a5a00", "#55606e"];
const dark = ["#6db3ff", "#ff9189", "#c9b1ff", "#74d39a", "#f0bd62", "#b5c0cd"];

const style = `
:root { color-scheme: light dark; --text: #1c2128; --muted: #57606a; --page: #ffffff; --card: #f6f8fa; --grid: #d5dbe1; ${variables(light)} }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --muted: #9aa5b1; --page: #0f1419; --card: #181f27; --grid: #333d48; ${variables(dark)} } }
body { margin: 0 auto; max-width: 54rem; padding: 2.5rem 1.5rem; background: var(--page); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
h1 { font-size: 1rem; font-weight: 500; color: var(--muted); margin: 0; }
.verdict { font-size: 1.4rem; line-height: 1.4; font-weight: 600; margin: .4rem 0 1.8rem; text-wrap: pretty; }
h2 { font-size: 1.05rem; margin: 2.2rem 0 .6rem; }
figure { margin: 0; padding: 1rem; background: var(--card); border-radius: 8px; }
figure svg { width: 100%; height: auto; font-family: inherit; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; margin: .4rem 0 0; padding: 0; list-style: none; font-size: .9rem; }
.legend svg { width: 34px; height: 12px; vertical-align: middle; margin-right: .4rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .45rem .6rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--grid); }
th:first-child, td:first-child, th:last-child, td:last-child { text-align: left; }
thead th { color: var(--muted); font-weight: 500; }
tbody th { font-weight: 600; white-space: normal; }
li { margin: .35rem 0; }
code, pre { font-family: ui-monospace, monospace; font-size: .88rem; overflow-wrap: anywhere; }
pre { background: var(--card); border-radius: 8px; padding: .8rem 1rem; white-space: pre-wrap; }
@media print { body { padding: 0; } figure, pre { border: 1px solid var(--grid); } }
`;

function variables(colours: readonly string[]): string {
  return colours.map((colour, index) => `--lane-${index}: ${colour};`).join(" ");
}

/** @param title what was run; `commandLine` how to run it again */
export function reportHtml(result: BenchResult, title: string, commandLine: string): string {
  const [first, ...rest] = tableHead;
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
<div class="scroll" tabindex="0" role="region" aria-labelledby="figures">
<table>
<thead><tr><th scope="col">${first}</th>${rest.map((cell) => `<th scope="col">${cell}</th>`).join("")}</tr></thead>
<tbody>
${tableRows(result).map(tableRow).join("\n")}
</tbody>
</table>
</div>
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

function tableRow([build = "", ...cells]: readonly string[]): string {
  return `<tr><th scope="row">${escapeHtml(build)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`;
}

function legend({ lanes }: BenchResult): string {
  const items = lanes.map((lane, index) => {
    const { dash } = laneMarks[index % laneMarks.length]!;
    const dashes = typeof dash === "string" ? "" : ` stroke-dasharray="${dash.join(" ")}"`;
    const colour = `var(--lane-${index % laneMarks.length})`;
    return `<li><svg viewBox="0 0 34 12" aria-hidden="true"><path d="M0 6H34" stroke="${colour}" stroke-width="2.5"${dashes}/></svg>${escapeHtml(lane.label)}</li>`;
  });
  const ideal = `<li><svg viewBox="0 0 34 12" aria-hidden="true"><path d="M0 6H34" stroke="var(--text)" stroke-dasharray="1 3"/></svg>ideal</li>`;
  return [...items, ideal].join("");
}

function prose(message: string): string {
  return escapeHtml(message).replace(/`([^`]+)`/g, "<code>$1</code>");
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}
