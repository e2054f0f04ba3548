/** How the lanes of a chart look, and the legend that says so. */
import type { BenchResult } from "../../server/src/bench/result.ts";

/**
 * Told apart by shape, size and dash as well as by colour. Later ones are drawn above earlier ones and are smaller,
 * hollow ones stay visible around them: lanes with the same speedup remain several.
 */
const marks = [
  { colour: "blue", symbol: "circle", size: 18, hollow: true, width: 5, dash: [] },
  { colour: "red", symbol: "rect", size: 9, hollow: false, width: 2.5, dash: [] },
  { colour: "purple", symbol: "triangle", size: 9, hollow: false, width: 2, dash: [7, 7] },
  { colour: "green", symbol: "diamond", size: 22, hollow: true, width: 4, dash: [14, 8] },
  { colour: "orange", symbol: "circle", size: 7, hollow: false, width: 2, dash: [2, 4] },
  { colour: "yellow", symbol: "diamond", size: 8, hollow: false, width: 1.5, dash: [12, 4, 2, 4] },
] as const;

const shapes = {
  circle: "M14 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0",
  rect: "M15.5 3.5h9v9h-9z",
  triangle: "M20 3l5 9.5H15z",
  diamond: "M20 1.5L26.5 8L20 14.5L13.5 8z",
};

export function markOf(index: number): (typeof marks)[number] {
  return marks[index % marks.length]!;
}

/** Line, shape and name of every lane; colours come from the style sheet of the theme, so they follow it by themselves. */
export function drawLegend(list: HTMLElement, { lanes }: BenchResult): void {
  list.replaceChildren(
    ...lanes.map(({ label }, index) => {
      const { colour, symbol, hollow, width, dash } = markOf(index);
      const stroke = `var(--vscode-charts-${colour})`;
      return entry(label, [
        {
          d: "M0 8H40",
          stroke,
          "stroke-width": width,
          "stroke-dasharray": dash.join(" "),
          opacity: hollow ? 0.45 : 1,
        },
        {
          d: shapes[symbol],
          fill: hollow ? "none" : stroke,
          stroke: hollow ? stroke : "none",
          "stroke-width": 2,
        },
      ]);
    }),
    entry("ideal", [{ d: "M0 8H40", stroke: "currentColor", "stroke-dasharray": "1 3" }]),
  );
}

function entry(label: string, paths: readonly Record<string, string | number>[]): HTMLElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 40 16");
  svg.setAttribute("aria-hidden", "true");
  for (const attributes of paths) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    for (const [name, value] of Object.entries(attributes)) {
      path.setAttribute(name, String(value));
    }
    svg.append(path);
  }
  const item = document.createElement("li");
  item.append(svg, label);
  return item;
}
