/** The result as one HTML file that needs nothing else: no script, no network. */
import type { BenchResult } from "../result.ts";
import { drawPicture } from "./chart.ts";
import { escapeHtml, fitWords, prose } from "./markup.ts";
import { pageStyle } from "./pageStyle.ts";
import type { Picture } from "./pictures.ts";
import type { TableGroup } from "./table.ts";
import { type ReasonView, type ReportView, viewOf } from "./view.ts";

export function reportHtml(result: BenchResult, before?: BenchResult): string {
  const view = viewOf(result, before);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(view.title)}: scaling without the GIL</title>
<style>${pageStyle}</style>
</head>
<body>
<main>
<h1>${escapeHtml(view.title)}</h1>
<p class="answer">${escapeHtml(view.answer)}</p>
<p class="when">${escapeHtml(view.subtitle)}</p>
${pictures(view)}
${comparison(view)}
<h2 id="figures">Figures</h2>
${table("figures", view.table.head, view.table.groups)}
${view.costs.map((line) => `<p>${escapeHtml(line)}.</p>`).join("\n")}
<h2>Why</h2>
<ul>
${view.reasons.map(reason).join("\n")}
</ul>
${escapes(view)}
<h2>Builds</h2>
<ul>
${view.builds.map((line) => `<li>${prose(line)}</li>`).join("\n")}
</ul>
<h2>Run it again</h2>
<pre>${escapeHtml(view.commandLine)}</pre>
</main>
</body>
</html>
`;
}

function pictures({ pictures: [speedup, ...bars], legend }: ReportView): string {
  const entries = legend.map(({ label, paths }) => {
    const drawn = paths.map((path) => `<path ${attributes(path)}/>`).join("");
    return `<li><svg viewBox="0 0 40 16" aria-hidden="true">${drawn}</svg>${escapeHtml(label)}</li>`;
  });
  return `<figure>
${image(speedup!, 760)}
<ul class="legend">${entries.join("")}</ul>
</figure>
<div class="bars">
${bars.map((bar) => `<figure><figcaption>${escapeHtml(bar.title)}</figcaption>${image(bar, 380)}</figure>`).join("\n")}
</div>`;
}

function image(picture: Picture, width: number): string {
  return `<div role="img" aria-label="${escapeHtml(picture.summary)}">${drawPicture(picture, width)}</div>`;
}

function attributes(path: Readonly<Record<string, string | number>>): string {
  return Object.entries(path)
    .map(([name, value]) => `${name}="${value}"`)
    .join(" ");
}

function comparison({ comparison: found }: ReportView): string {
  return found
    ? `<h2 id="compared">Compared with the run before</h2>
<p>${escapeHtml(found.answer)}</p>
${table("compared", found.head, [{ title: "", rows: found.rows }])}`
    : "";
}

function table(id: string, head: readonly string[], groups: readonly TableGroup[]): string {
  return `<table aria-labelledby="${id}">
<thead><tr>${head.map((cell) => `<th scope="col">${cell}</th>`).join("")}</tr></thead>
${groups.map((group) => tableGroup(group, head.length)).join("\n")}
</table>`;
}

function tableGroup({ title, rows }: TableGroup, columns: number): string {
  const heading = `<tr><th scope="rowgroup" colspan="${columns}">${escapeHtml(title)}</th></tr>`;
  return `<tbody>\n${[...(title ? [heading] : []), ...rows.map(tableRow)].join("\n")}\n</tbody>`;
}

function tableRow([first = "", ...cells]: readonly string[]): string {
  return `<tr><th scope="row">${escapeHtml(first)}</th>${cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("")}</tr>`;
}

function reason({ message, evidence, link }: ReasonView): string {
  const rest = evidence === undefined ? "" : ` <span class="evidence">${prose(evidence)}</span>`;
  const place = link ? ` <code>${escapeHtml(`${link.path}:${link.line}`)}</code>` : "";
  return `<li>${prose(message)}${rest}${place}</li>`;
}

function escapes({ escapes: all }: ReportView): string {
  if (all.length === 0) {
    return "";
  }
  const rows = all.map(
    ({ label, fit, because, best }) =>
      `<tr${best ? ' class="best"' : ""}><th scope="row">${escapeHtml(label)}</th><td>${best ? "best fit" : fitWords[fit]}</td><td>${escapeHtml(because)}</td></tr>`,
  );
  return `<h2 id="escapes">Which way out fits</h2>
<table class="escapes" aria-labelledby="escapes">
<thead><tr><th scope="col">Way out</th><th scope="col">Fit</th><th scope="col">Because</th></tr></thead>
<tbody>
${rows.join("\n")}
</tbody>
</table>`;
}
