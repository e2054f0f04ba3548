/** One picture in the colours of the editor's theme; drawn again when theme or size change. */
import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { type EChartsType, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import type { Picture } from "../../server/src/bench/report/pictures.ts";

use([LineChart, BarChart, GridComponent, TooltipComponent, CanvasRenderer]);

export class Chart {
  readonly element: HTMLElement;
  private readonly chart: EChartsType;
  private readonly observers: readonly { disconnect(): void }[];
  private picture: Picture | undefined;
  private top: number | undefined;

  constructor() {
    this.element = document.createElement("div");
    this.element.setAttribute("role", "img");
    this.chart = init(this.element, null, { renderer: "canvas", width: 1, height: 1 });
    const sizes = new ResizeObserver(() => this.fit());
    sizes.observe(this.element);
    // The editor changes the class of the body with the theme.
    const themes = new MutationObserver(() => this.paint());
    themes.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["style"] });
    this.observers = [sizes, themes];
  }

  /** @param top end of the vertical axis, so that pictures side by side can be compared */
  draw(picture: Picture, top?: number): void {
    this.picture = picture;
    this.top = top;
    this.element.setAttribute("aria-label", picture.summary);
    this.element.style.height = `${picture.height}px`;
    this.fit();
    this.paint();
  }

  dispose(): void {
    for (const observer of this.observers) {
      observer.disconnect();
    }
    this.chart.dispose();
  }

  private fit(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width > 0 && height > 0) {
      this.chart.resize({ width, height });
    }
  }

  private paint(): void {
    if (!this.picture) {
      return;
    }
    const option = coloured(this.picture.option) as Record<string, object>;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const text = { fontFamily: variable("--vscode-font-family"), color: variable("--text") };
    this.chart.setOption(
      {
        ...option,
        series: contrasting(option.series as readonly Series[]),
        animation: !still,
        animationDuration: 300,
        textStyle: text,
        ...(this.top !== undefined && { yAxis: { ...option.yAxis, max: this.top } }),
        ...(this.picture.id === "speedup" && {
          tooltip: {
            trigger: "axis",
            // Drawn, not HTML: styles in HTML are forbidden by the page's content policy.
            renderMode: "richText",
            confine: true,
            backgroundColor: variable("--vscode-editorHoverWidget-background"),
            borderColor: variable("--grid"),
            textStyle: text,
            valueFormatter: (value: unknown) => `${Number(value).toFixed(2)}×`,
          },
        }),
      },
      { notMerge: true },
    );
  }
}

interface Series {
  readonly lineStyle?: { readonly opacity?: number };
}

/** Bands that let other lines through are too faint for high-contrast themes. */
function contrasting(series: readonly Series[]): readonly Series[] {
  const high = document.body.matches(".vscode-high-contrast, .vscode-high-contrast-light");
  return high ? series.map((one) => ({ ...one, lineStyle: { ...one.lineStyle, opacity: 1 } })) : series;
}

/** The same option with the theme's colours in the place of variables: a canvas knows none. */
function coloured(value: unknown): unknown {
  if (typeof value === "string") {
    const [, name] = /^var\((--[\w-]+)\)$/.exec(value) ?? [];
    return name ? variable(name) : value;
  }
  if (Array.isArray(value)) {
    return value.map(coloured);
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, coloured(inner)]));
  }
  return value;
}

/** Variables of the page's own style sheet are resolved on the body. */
function variable(name: string): string {
  const style = getComputedStyle(document.body);
  return style.getPropertyValue(name).trim() || style.color;
}
