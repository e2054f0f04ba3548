/** Speedup over threads, in the colours of the editor's theme; drawn again when theme or size change. */
import { LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { type EChartsType, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import type { BenchResult } from "../../server/src/bench/result.ts";
import { markOf } from "./laneMarks.ts";

use([LineChart, GridComponent, TooltipComponent, CanvasRenderer]);

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
        grid: { left: 40, right: 32, top: 36, bottom: 44 },
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
            lineStyle: { color: text.color, type: "dotted", width: 1.5, opacity: 0.9 },
            itemStyle: { color: text.color },
          },
          ...result.lanes.map((lane, index) => ({
            name: lane.label,
            type: "line",
            data: lane.samples.map(({ threads: count, speedup }) => [count, speedup]),
            symbol: markOf(index).symbol,
            symbolSize: markOf(index).size,
            clip: false,
            itemStyle: markOf(index).hollow
              ? { color: "transparent", borderColor: laneColour(index), borderWidth: 2 }
              : {
                  color: laneColour(index),
                  borderColor: theme("--vscode-editor-background"),
                  borderWidth: 1,
                },
            lineStyle: {
              color: laneColour(index),
              width: markOf(index).width,
              // A wide line is a band for the thin ones above it.
              opacity: markOf(index).hollow ? 0.45 : 1,
              type: markOf(index).dash.length > 0 ? [...markOf(index).dash] : "solid",
            },
          })),
        ],
      },
      { notMerge: true },
    );
  }
}

function laneColour(index: number): string {
  return theme(`--vscode-charts-${markOf(index).colour}`, "--vscode-foreground");
}

/** The first of these theme variables that the theme defines. */
function theme(...names: string[]): string {
  const style = getComputedStyle(document.documentElement);
  return names.map((name) => style.getPropertyValue(name).trim()).find(Boolean) ?? style.color;
}
