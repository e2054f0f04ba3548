/** How lanes look in every picture, and the legend that says so. Pure. */
import type { HardwareSample, Lane } from "../result.ts";

export interface Mark {
  /** Number of the colour: pages give `--lane-N` the colour that suits them. */
  readonly colour: number;
  readonly symbol: "circle" | "rect" | "triangle" | "diamond";
  /** Pixels. */
  readonly size: number;
  /** Drawn as an outline, so that what lies on it stays visible. */
  readonly hollow: boolean;
  readonly width: number;
  readonly dash: readonly number[];
}

/**
 * Told apart by shape, size and dash as well as by colour. Later ones are drawn above earlier ones and are smaller,
 * hollow ones stay visible around them: lanes with the same speedup remain several.
 */
const marks: readonly Mark[] = [
  { colour: 0, symbol: "circle", size: 16, hollow: true, width: 5, dash: [] },
  { colour: 1, symbol: "rect", size: 9, hollow: false, width: 2.5, dash: [] },
  { colour: 2, symbol: "triangle", size: 9, hollow: false, width: 2, dash: [7, 7] },
  { colour: 3, symbol: "diamond", size: 18, hollow: true, width: 4, dash: [14, 8] },
  { colour: 4, symbol: "circle", size: 7, hollow: false, width: 2, dash: [2, 4] },
  { colour: 5, symbol: "diamond", size: 8, hollow: false, width: 1.5, dash: [12, 4, 2, 4] },
  { colour: 6, symbol: "rect", size: 14, hollow: true, width: 3, dash: [10, 4] },
  { colour: 7, symbol: "triangle", size: 8, hollow: false, width: 1.5, dash: [4, 2] },
];

export const colourCount = marks.length;

export function markOf(index: number): Mark {
  return marks[index % marks.length]!;
}

export interface LegendEntry {
  readonly label: string;
  /** Paths of an `<svg viewBox="0 0 40 16">`, as attributes; colours are the variables of the page. */
  readonly paths: readonly Readonly<Record<string, string | number>>[];
}

const shapes = {
  circle: "M14 8a6 6 0 1 0 12 0a6 6 0 1 0-12 0",
  rect: "M15.5 3.5h9v9h-9z",
  triangle: "M20 3l5 9.5H15z",
  diamond: "M20 1.5L26.5 8L20 14.5L13.5 8z",
} as const;

export const hardwareLabel = "this machine's limit";

interface Drawn {
  readonly lanes: readonly Pick<Lane, "label">[];
  readonly hardware?: readonly HardwareSample[];
}

/** Line, shape and name of every lane, of the ideal and of what the machine can do. */
export function legendOf({ lanes, hardware = [] }: Drawn): LegendEntry[] {
  const entries = lanes.map(({ label }, index) => {
    const { colour, symbol, hollow, width, dash } = markOf(index);
    const stroke = `var(--lane-${colour})`;
    const line = {
      d: "M0 8H40",
      stroke,
      "stroke-width": width,
      "stroke-dasharray": dash.join(" "),
      opacity: hollow ? 0.45 : 1,
    };
    const shape = {
      d: shapes[symbol],
      fill: hollow ? "none" : stroke,
      stroke: hollow ? stroke : "none",
      "stroke-width": 2,
    };
    return { label, paths: [line, shape] };
  });
  const ideal = { d: "M0 8H40", stroke: "var(--text)", "stroke-dasharray": "1 3" };
  const limit = { d: "M0 8H40", stroke: "var(--muted)", "stroke-width": 1.5, "stroke-dasharray": "8 3 2 3" };
  return [
    ...entries,
    { label: "ideal", paths: [ideal] },
    ...(hardware.length > 1 ? [{ label: hardwareLabel, paths: [limit] }] : []),
  ];
}
