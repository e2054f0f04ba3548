/** Speedup over threads as an SVG drawing, made without a browser. */
import { LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { BenchResult } from "../result.ts";

use([LineChart, GridComponent, SVGRenderer]);

const chartSize = { width: 760, height: 340 };

/**
 * Told apart by shape, size and dash as well as by colour. Later ones are drawn above earlier ones and are smaller,
 * hollow ones stay visible around them: lanes with the same speedup remain several. The editor's page draws the same.
 */
export const laneMarks = [
  { symbol: "circle", size: 18, hollow: true, width: 5, dash: [] },
  { symbol: "rect", size: 9, hollow: false, width: 2.5, dash: [] },
  { symbol: "triangle", size: 9, hollow: false, width: 2, dash: [7, 7] },
  { symbol: "diamond", size: 22, hollow: true, width: 4, dash: [14, 8] },
  { symbol: "circle", size: 7, hollow: false, width: 2, dash: [2, 4] },
  { symbol: "diamond", size: 8, hollow: false, width: 1.5, dash: [12, 4, 2, 4] },
] as const;

/**
 * An `<svg>` element without scripts, hidden from screen readers: the caller says in words what it shows.
 * Its colours are the page's variables `--text`, `--grid` and `--lane-0` to `--lane-5`.
 */
export function drawChart({ lanes }: BenchResult): string {
  const threads = lanes[0]!.samples.map((sample) => sample.threads);
  const chart = init(null, null, { renderer: "svg", ssr: true, ...chartSize });
  const text = { color: "var(--text)", fontSize: 13 };
  const grid = { lineStyle: { color: "var(--grid)" } };
  chart.setOption({
    animation: false,
    grid: { left: 44, right: 32, top: 40, bottom: 48 },
    xAxis: {
      type: "value",
      min: threads[0],
      max: threads.at(-1),
      interval: 1,
      name: "threads, each with a core of its own",
      nameLocation: "middle",
      nameGap: 30,
      axisLabel: { ...text, formatter: (value: number) => (threads.includes(value) ? String(value) : "") },
      nameTextStyle: text,
      axisLine: { show: true, ...grid },
      splitLine: { show: false },
    },
    yAxis: {
      type: "value",
      min: 0,
      name: "times as fast as on one thread",
      nameTextStyle: { ...text, align: "left", padding: [0, 0, 4, -36] },
      axisLabel: text,
      splitLine: grid,
    },
    series: [
      {
        type: "line",
        data: threads.map((count) => [count, count]),
        showSymbol: false,
        silent: true,
        lineStyle: { color: "var(--text)", type: "dotted", width: 1.5, opacity: 0.9 },
      },
      ...lanes.map((lane, index) => {
        const mark = laneMarks[index % laneMarks.length]!;
        const color = `var(--lane-${index % laneMarks.length})`;
        return {
          type: "line" as const,
          data: lane.samples.map(({ threads: count, speedup }) => [count, speedup]),
          symbol: mark.symbol,
          symbolSize: mark.size,
          silent: true,
          clip: false,
          itemStyle: mark.hollow
            ? { color: "transparent", borderColor: color, borderWidth: 2 }
            : { color, borderColor: "var(--card)", borderWidth: 1 },
          lineStyle: {
            color,
            width: mark.width,
            // A wide line is a band for the thin ones above it.
            opacity: mark.hollow ? 0.45 : 1,
            type: mark.dash.length > 0 ? mark.dash : "solid",
          },
        };
      }),
    ],
  } as Parameters<typeof chart.setOption>[0]);
  const svg = chart.renderToSVGString();
  // Otherwise its clock keeps this process alive.
  chart.dispose();
  return svg
    .replace(/<style[\s\S]*?<\/style>/, "")
    .replaceAll(' pointer-events="visible"', "")
    .replace("<svg ", '<svg aria-hidden="true" focusable="false" ');
}
