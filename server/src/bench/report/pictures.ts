/**
 * The pictures of a result as plain options of the chart library, so that files and the editor's page draw the same.
 * Colours are names of variables (`var(--text)`, `--muted`, `--grid`, `--card`, `--lane-0` …). Pure.
 */
import type { HardwareSample, Lane } from "../result.ts";
import { hardwareLabel, markOf } from "./marks.ts";

export interface Picture {
  readonly id: "speedup" | "cost" | "memory";
  readonly title: string;
  /** What it shows, in words, for those who cannot see it. */
  readonly summary: string;
  /** Pixels. */
  readonly height: number;
  readonly option: Readonly<Record<string, unknown>>;
}

/** What the pictures are made of; a benchmark that is still running has the same for the rounds so far. */
export interface Measured {
  readonly lanes: readonly Lane[];
  readonly hardware?: readonly HardwareSample[];
}

const text = { color: "var(--text)", fontSize: 13 };
const grid = { lineStyle: { color: "var(--grid)" } };

/** Speedup over threads; then, for what cannot be seen there, what one thread costs and the memory. */
export function picturesOf({ lanes, hardware = [] }: Measured): Picture[] {
  const most = lanes[0]!.samples.at(-1)!.threads;
  const base = lanes[0]!.samples[0]!.medianMs;
  const costs = lanes.map((lane) => (base > 0 ? lane.samples[0]!.medianMs / base : 1));
  const memory = lanes.map((lane) => lane.samples.at(-1)!.peakMiB);
  return [
    speedupPicture(lanes, hardware),
    barPicture("cost", `Time on one thread, ${lanes[0]!.id} = 1`, lanes, costs, (value) => value.toFixed(2)),
    barPicture(
      "memory",
      `Peak memory on ${most} ${most === 1 ? "thread" : "threads"}, MiB`,
      lanes,
      memory,
      (value) => value.toFixed(1),
    ),
  ];
}

function speedupPicture(lanes: readonly Lane[], hardware: readonly HardwareSample[]): Picture {
  const threads = lanes[0]!.samples.map((sample) => sample.threads);
  const spoken = lanes.map(({ label, samples }) => {
    const points = samples.map(({ threads: count, speedup }) => `${speedup.toFixed(2)} on ${count}`);
    return `${label}: ${points.join(", ")}`;
  });
  return {
    id: "speedup",
    title: "Speedup over threads",
    summary: `Line chart of speedup over threads. ${spoken.join("; ")}.`,
    height: 320,
    option: {
      grid: { left: 44, right: 32, top: 40, bottom: 48 },
      xAxis: {
        type: "value",
        min: threads[0],
        max: threads.length > 1 ? threads.at(-1) : threads[0]! + 1,
        name: "threads, each with a core of its own",
        nameLocation: "middle",
        nameGap: 30,
        axisLabel: { ...text, customValues: threads },
        axisTick: { customValues: threads },
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
        splitLine: { lineStyle: { ...grid.lineStyle, opacity: 0.6 } },
      },
      series: [
        idealSeries(threads),
        ...hardwareSeries(hardware),
        ...lanes.map(intervalSeries),
        ...lanes.map(laneSeries),
      ],
    },
  };
}

function idealSeries(threads: readonly number[]): object {
  return {
    name: "ideal",
    type: "line",
    data: threads.map((count) => [count, count]),
    showSymbol: false,
    silent: true,
    tooltip: { show: false },
    lineStyle: { color: "var(--text)", type: "dotted", width: 1.5, opacity: 0.9 },
    itemStyle: { color: "var(--text)" },
  };
}

/** What the machine could do at all while this was measured: nothing can be expected above it. */
function hardwareSeries(hardware: readonly HardwareSample[]): object[] {
  if (hardware.length < 2) {
    return [];
  }
  const lineStyle = { color: "var(--muted)", type: [8, 3, 2, 3], width: 1.5 };
  const data = hardware.map(({ threads, speedup }) => [threads, speedup]);
  const itemStyle = { color: "var(--muted)" };
  return [{ name: hardwareLabel, type: "line", data, showSymbol: false, silent: true, lineStyle, itemStyle }];
}

/** A whisker for each point: a line with gaps, whose ends are flat symbols. */
function intervalSeries({ samples }: Lane, index: number): object {
  const color = `var(--lane-${markOf(index).colour})`;
  const [, ...wider] = samples;
  return {
    type: "line",
    data: wider.flatMap(({ threads, speedupLow, speedupHigh }) => [
      [threads, speedupLow],
      [threads, speedupHigh],
      [threads, null],
    ]),
    connectNulls: false,
    clip: false,
    silent: true,
    tooltip: { show: false },
    symbol: "rect",
    symbolSize: [12, 1.5],
    itemStyle: { color, opacity: 0.85 },
    lineStyle: { color, width: 1.5, opacity: 0.85 },
  };
}

function laneSeries({ label, samples }: Lane, index: number): object {
  const { colour, symbol, size, hollow, width, dash } = markOf(index);
  const color = `var(--lane-${colour})`;
  return {
    name: label,
    type: "line",
    data: samples.map(({ threads, speedup }) => [threads, speedup]),
    symbol,
    symbolSize: size,
    clip: false,
    itemStyle: hollow
      ? { color: "transparent", borderColor: color, borderWidth: 2 }
      : { color, borderColor: "var(--card)", borderWidth: 1 },
    // A wide line is a band for the thin ones above it.
    lineStyle: { color, width, opacity: hollow ? 0.45 : 1, type: dash.length > 0 ? dash : "solid" },
  };
}

function barPicture(
  id: "cost" | "memory",
  title: string,
  lanes: readonly Lane[],
  values: readonly number[],
  written: (value: number) => string,
): Picture {
  const spoken = lanes.map(({ label }, index) => `${label}: ${written(values[index]!)}`);
  return {
    id,
    title,
    summary: `${title}. ${spoken.join("; ")}.`,
    height: 16 + 28 * lanes.length,
    option: {
      grid: { left: 166, right: 52, top: 4, bottom: 8 },
      xAxis: { type: "value", min: 0, show: false },
      yAxis: {
        type: "category",
        inverse: true,
        data: lanes.map(({ label }) => label),
        axisLabel: { ...text, width: 152, overflow: "truncate", margin: 10 },
        axisTick: { show: false },
        axisLine: { show: true, ...grid },
      },
      series: [
        {
          type: "bar",
          barWidth: 14,
          silent: true,
          data: values.map((value, index) => ({
            value,
            itemStyle: { color: `var(--lane-${markOf(index).colour})` },
            label: { show: true, position: "right", formatter: written(value), ...text },
          })),
        },
      ],
    },
  };
}
