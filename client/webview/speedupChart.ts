/** Speedup over threads, in the colours of the editor's theme; drawn again when theme or size change. */
import { LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { type EChartsType, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import type { BenchResult } from "../../server/src/bench/result.ts";

use([LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

/** Told apart by shape and dash as well as by colour. */
const marks = [
  { colour: "blue", symbol: "circle", dash: [] },
  { colour: "red", symbol: "rect", dash: [8, 4] },
  { colour: "purple", symbol: "triangle", dash: [2, 3] },
  { colour: "green", symbol: "diamond", dash: [] },
  { colour: "orange", symbol: "roundRect", dash: [8, 4] },
  { colour: "yellow", symbol: "pin", dash: [2, 3] },
];

function markOf(index: number) {
  return marks[index % marks.length]!;
}

export class SpeedupChart {
  private readonly chart: EChartsType;
  private result: BenchResult | undefined;

  constructor(place: HTMLElement) {
    this.chart = init(place, null, { renderer: "canvas" });
    new ResizeObserver(() => this.chart.resize()).observe(place);
    // The editor changes the class of the body with the theme.
    const themes = new MutationObserver(() => this.result && this.draw(this.result));
    themes.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
  }

  draw(result: BenchResult): void {
    this.result = result;
    const text = { color: theme("--vscode-foreground"), fontFamily: theme("--vscode-font-family") };
    const grid = {
      lineStyle: { color: theme("--vscode-editorWidget-border", "--vscode-contrastBorder"), opacity: 0.6 },
    };
    const threads = result.lanes[0]!.samples.map((sample) => sample.threads);
    this.chart.resize();
    this.chart.setOption(
      {
        animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
        animationDuration: 300,
        textStyle: text,
        grid: { left: 40, right: 24, top: 36, bottom: 44 },
        tooltip: {
          trigger: "axis",
          // Drawn, not HTML: styles in HTML are forbidden by the page's content policy.
          renderMode: "richText",
          backgroundColor: theme("--vscode-editorHoverWidget-background"),
          borderColor: theme("--vscode-editorHoverWidget-border", "--vscode-contrastBorder"),
          textStyle: { color: theme("--vscode-editorHoverWidget-foreground", "--vscode-foreground") },
          valueFormatter: (value: unknown) => `${Number(value).toFixed(2)}×`,
        },
        xAxis: {
          type: "value",
          min: threads[0],
          max: threads.at(-1),
          interval: 1,
          name: "threads, each with a core of its own",
          nameLocation: "middle",
          nameGap: 28,
          axisLabel: {
            ...text,
            formatter: (value: number) => (threads.includes(value) ? String(value) : ""),
          },
          axisLine: { show: true, ...grid },
          axisPointer: { snap: true },
          splitLine: { show: false },
        },
        yAxis: {
          type: "value",
          min: 0,
          name: "times as fast as on one thread",
          nameTextStyle: { ...text, align: "left", padding: [0, 0, 4, -32] },
          axisLabel: text,
          splitLine: grid,
        },
        series: [
          {
            name: "ideal",
            type: "line",
            data: threads.map((count) => [count, count]),
            showSymbol: false,
            silent: true,
            lineStyle: { color: text.color, type: "dotted", width: 1, opacity: 0.7 },
            itemStyle: { color: text.color },
          },
          ...result.lanes.map((lane, index) => ({
            name: lane.label,
            type: "line",
            data: lane.samples.map(({ threads: count, speedup }) => [count, speedup]),
            symbol: markOf(index).symbol,
            symbolSize: 10,
            clip: false,
            itemStyle: { color: laneColour(index) },
            lineStyle: {
              color: laneColour(index),
              width: 2.5,
              type: markOf(index).dash.length > 0 ? markOf(index).dash : "solid",
            },
          })),
        ],
      },
      { notMerge: true },
    );
  }
}

/** Line and name of every lane; colours come from the style sheet of the theme, so they follow it by themselves. */
export function drawLegend(list: HTMLElement, { lanes }: BenchResult): void {
  const entry = (label: string, stroke: string, dash: string) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 34 12");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    for (const [name, value] of Object.entries({
      d: "M0 6H34",
      stroke,
      "stroke-width": "2.5",
      "stroke-dasharray": dash,
    })) {
      line.setAttribute(name, value);
    }
    svg.append(line);
    const item = document.createElement("li");
    item.append(svg, label);
    return item;
  };
  list.replaceChildren(
    ...lanes.map((lane, index) =>
      entry(lane.label, `var(--vscode-charts-${markOf(index).colour})`, markOf(index).dash.join(" ")),
    ),
    entry("ideal", "currentColor", "1 3"),
  );
}

function laneColour(index: number): string {
  return theme(`--vscode-charts-${markOf(index).colour}`, "--vscode-foreground");
}

/** The first of these theme variables that the theme defines. */
function theme(...names: string[]): string {
  const style = getComputedStyle(document.documentElement);
  return names.map((name) => style.getPropertyValue(name).trim()).find(Boolean) ?? style.color;
}
