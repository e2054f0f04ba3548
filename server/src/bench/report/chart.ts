/** Turns pictures into SVG without a browser. */
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { Picture } from "./pictures.ts";

use([LineChart, BarChart, GridComponent, SVGRenderer]);

/**
 * An `<svg>` element without scripts, hidden from screen readers: the caller says in words what it shows.
 * Its colours stay variables of the page around it.
 * @param width pixels
 */
export function drawPicture({ option, height }: Picture, width: number): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  const textStyle = { fontFamily: "system-ui, sans-serif" };
  chart.setOption({ animation: false, textStyle, ...option } as Parameters<typeof chart.setOption>[0]);
  const svg = chart.renderToSVGString();
  // Otherwise its clock keeps this process alive.
  chart.dispose();
  return svg
    .replace(/<style[\s\S]*?<\/style>/, "")
    .replaceAll(' pointer-events="visible"', "")
    .replace("<svg ", '<svg aria-hidden="true" focusable="false" ');
}
