/** The page of the benchmark panel: everything it may load is named here. Knows no editor. */

export interface PageParts {
  /** `webview.cspSource` and addresses as the webview sees them. */
  readonly script: string;
  readonly nonce: string;
  readonly title: string;
  readonly labels: Readonly<
    Record<"copyMarkdown" | "copyCommand" | "why" | "figures" | "builds" | "working", string>
  >;
}

const style = `
body { padding: 1.2rem 1.6rem 2rem; max-width: 60rem; color: var(--vscode-foreground); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); line-height: 1.5; }
h1 { font-size: 1em; font-weight: normal; color: var(--vscode-descriptionForeground); margin: 0; }
h2 { font-size: 1.1em; font-weight: 600; margin: 1.6rem 0 .4rem; }
#verdict { font-size: 1.25em; line-height: 1.45; margin: .2rem 0 1rem; max-width: 44em; text-wrap: pretty; }
#chart { height: 320px; }
#legend { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; list-style: none; padding: 0; margin: .2rem 0 0; }
#legend svg { width: 40px; height: 16px; vertical-align: middle; margin-right: .4rem; }
button:focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; text-align: right; vertical-align: baseline; font-weight: normal; border-bottom: 1px solid var(--vscode-editorWidget-border, var(--vscode-contrastBorder, currentColor)); }
td:not(:nth-child(3)) { white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; }
thead th { color: var(--vscode-descriptionForeground); }
th[scope=rowgroup] { padding-top: .8rem; font-weight: 600; }
th[scope=row] { padding-left: .8rem; }
ul { padding-left: 1.2rem; }
li { margin: .25rem 0; }
code { font-family: var(--vscode-editor-font-family); overflow-wrap: anywhere; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: 1.4rem; }
button { font: inherit; color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent)); border-radius: 2px; padding: .3rem .8rem; cursor: pointer; }
button:hover { background: var(--vscode-button-secondaryHoverBackground); }
[hidden] { display: none; }
@media (max-width: 36rem) { body { padding: 1rem .8rem 1.5rem; } th, td { padding: .25rem .3rem; }
/* Efficiency, which follows from the speedup, gives way first. */
:is(th, td):nth-child(5) { display: none; } }
`;

export function benchmarkPage({ script, nonce, title, labels }: PageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${style}</style>
</head>
<body>
<main id="content" hidden>
<h1 id="title"></h1>
<p id="verdict"></p>
<div id="chart" role="img"></div>
<ul id="legend"></ul>
<h2 id="figuresHeading">${escapeHtml(labels.figures)}</h2>
<table id="figures" aria-labelledby="figuresHeading"></table>
<div id="costs"></div>
<h2>${escapeHtml(labels.why)}</h2>
<ul id="reasons"></ul>
<h2>${escapeHtml(labels.builds)}</h2>
<ul id="builds"></ul>
<div class="actions">
<button type="button" data-copy="markdown">${escapeHtml(labels.copyMarkdown)}</button>
<button type="button" data-copy="commandLine">${escapeHtml(labels.copyCommand)}</button>
</div>
</main>
<p id="working" role="status">${escapeHtml(labels.working)}</p>
<script nonce="${nonce}" src="${escapeHtml(script)}"></script>
</body>
</html>`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}
