/** The style sheet of the HTML report. */
import { themeVariables } from "./theme.ts";

export const pageStyle = `
:root { color-scheme: light dark; ${themeVariables("light")} }
@media (prefers-color-scheme: dark) { :root { ${themeVariables("dark")} } }
body { margin: 0 auto; max-width: 54rem; padding: 2.5rem 1.5rem; background: var(--page); color: var(--text); font: 1rem/1.55 system-ui, sans-serif; }
h1 { font-size: 1rem; font-weight: 500; color: var(--muted); margin: 0; }
.answer { font-size: 1.3rem; line-height: 1.4; font-weight: 600; margin: .3rem 0 .4rem; max-width: 46rem; text-wrap: pretty; }
.when { color: var(--muted); font-size: .9rem; margin: 0 0 1.4rem; }
h2 { font-size: 1.05rem; margin: 2.2rem 0 .6rem; }
figure { margin: 0; padding: 1rem; background: var(--card); border-radius: 8px; }
figcaption { font-size: .9rem; margin-bottom: .4rem; }
figure svg { width: 100%; height: auto; font-family: inherit; }
.bars { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; margin-top: 1rem; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.4rem; margin: .4rem 0 0; padding: 0; list-style: none; font-size: .9rem; }
.legend svg { width: 40px; height: 16px; vertical-align: middle; margin-right: .4rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { padding: .35rem .6rem; text-align: right; vertical-align: baseline; border-bottom: 1px solid var(--grid); font-weight: 400; }
td:not(:nth-child(3)) { white-space: nowrap; }
th:first-child { text-align: left; padding-left: 0; }
thead th { color: var(--muted); }
th[scope=rowgroup] { padding-top: .9rem; font-weight: 600; }
th[scope=row] { padding-left: .9rem; }
.escapes :is(th, td) { text-align: left; }
.escapes th[scope=row] { padding-left: 0; white-space: nowrap; }
.best :is(th, td) { font-weight: 600; }
.evidence { color: var(--muted); }
li { margin: .35rem 0; }
code, pre { font-family: ui-monospace, monospace; font-size: .88rem; overflow-wrap: anywhere; }
pre { background: var(--card); border-radius: 8px; padding: .8rem 1rem; white-space: pre-wrap; }
@media (max-width: 40rem) { figure svg[width] text { font-size: 20px !important; } .bars { grid-template-columns: 1fr; } .bars svg[width] text { font-size: 13px !important; } body { padding: 1.5rem 1rem; } table { font-size: .82rem; } th, td { padding: .35rem .25rem; } }
/* Efficiency, which follows from the speedup, gives way first. */
@media (max-width: 36rem) { [aria-labelledby=figures] :is(th, td):nth-child(5) { display: none; } }
@media (prefers-contrast: more) { :root { --muted: var(--text); --grid: var(--text); } }
@media print { body { padding: 0; } figure, pre { border: 1px solid var(--grid); } }
`;
