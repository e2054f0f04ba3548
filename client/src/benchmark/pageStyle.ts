/** The style sheet of the benchmark's page: the colours of the editor's theme, and of its high-contrast themes. */

export const pageStyle = `
body { --text: var(--vscode-foreground); --muted: var(--vscode-descriptionForeground); --card: var(--vscode-editor-background);
  --grid: var(--vscode-editorWidget-border, var(--vscode-contrastBorder, var(--vscode-foreground)));
  --lane-0: var(--vscode-charts-blue); --lane-1: var(--vscode-charts-red); --lane-2: var(--vscode-charts-purple); --lane-3: var(--vscode-charts-green);
  --lane-4: var(--vscode-charts-yellow); --lane-5: var(--vscode-terminal-ansiCyan); --lane-6: var(--vscode-charts-foreground); --lane-7: var(--vscode-terminal-ansiBrightMagenta);
  padding: 1.2rem 1.6rem 2rem; color: var(--text); font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); line-height: 1.5; }
body:is(.vscode-high-contrast, .vscode-high-contrast-light) { --grid: var(--vscode-contrastBorder); --muted: var(--vscode-foreground); }
h1 { font-size: 1em; font-weight: normal; color: var(--muted); margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1em; font-weight: 600; margin: 1.6rem 0 .4rem; }
figure { margin: 0; min-width: 0; }
figcaption { font-weight: 600; margin-bottom: .2rem; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 2.5rem; align-items: start; }
article { max-width: 60rem; min-width: 0; }
.answer { font-size: 1.3em; line-height: 1.4; font-weight: 600; margin: .2rem 0 .3rem; max-width: 40em; text-wrap: pretty; }
.when { color: var(--muted); margin: 0 0 1rem; }
.bars { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)); gap: 1.2rem; margin-top: 1.4rem; }
.legend { display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; list-style: none; padding: 0; margin: .2rem 0 0; }
.legend svg { width: 40px; height: 16px; vertical-align: middle; margin-right: .4rem; }
body:is(.vscode-high-contrast, .vscode-high-contrast-light) .legend path { opacity: 1; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; text-align: right; vertical-align: baseline; font-weight: normal; border-bottom: 1px solid var(--grid); }
td { white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; }
thead th { color: var(--muted); }
th[scope=rowgroup] { padding-top: .8rem; font-weight: 600; }
tr:has(> th[scope=row]) > th { padding-left: .8rem; }
.words :is(th, td) { text-align: left; }
.words td:last-child { white-space: normal; }
.words tr > th[scope=row] { padding-left: 0; white-space: nowrap; }
.best :is(th, td) { font-weight: 600; }
ul { padding-left: 1.2rem; }
li { margin: .25rem 0; }
.evidence { color: var(--muted); }
code { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size, 1em); overflow-wrap: anywhere; }
pre { font-family: var(--vscode-editor-font-family); background: var(--vscode-textCodeBlock-background); border: 1px solid var(--vscode-contrastBorder, transparent); padding: .6rem .8rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin: 1rem 0; }
button { font: inherit; color: var(--vscode-button-secondaryForeground); background: var(--vscode-button-secondaryBackground); border: 1px solid var(--vscode-button-border, var(--vscode-contrastBorder, transparent)); border-radius: 2px; padding: .25rem .8rem; cursor: pointer; }
button:hover { background: var(--vscode-button-secondaryHoverBackground); }
button.primary { color: var(--vscode-button-foreground); background: var(--vscode-button-background); }
button.primary:hover { background: var(--vscode-button-hoverBackground); }
button.link { color: var(--vscode-textLink-foreground); background: none; border: none; padding: 0; text-align: left; text-decoration: underline; font-family: var(--vscode-editor-font-family); overflow-wrap: anywhere; }
:is(button, .scroll):focus-visible { outline: 1px solid var(--vscode-focusBorder); outline-offset: 2px; }
progress { appearance: none; display: block; width: 100%; max-width: 40rem; height: .5rem; border: 1px solid var(--vscode-contrastBorder, transparent); }
progress::-webkit-progress-bar { background: var(--grid); }
body:is(.vscode-high-contrast, .vscode-high-contrast-light) progress::-webkit-progress-bar { background: transparent; }
progress::-webkit-progress-value { background: var(--vscode-progressBar-background, var(--vscode-focusBorder)); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); margin: 0; }
@media (max-width: 36rem) { body { padding: 1rem .8rem 1.5rem; } th, td { padding: .25rem .3rem; }
/* Efficiency, which follows from the speedup, gives way first. */
.figures :is(th, td):nth-child(5) { display: none; } }
`;
