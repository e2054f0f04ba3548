/** The answer and the pictures as one SVG file, light or dark as the reader prefers. */

import type { BenchResult } from "../result.ts";
import { drawPicture } from "./chart.ts";
import { legendOf } from "./marks.ts";
import { escapeHtml } from "./markup.ts";
import { type Picture, picturesOf } from "./pictures.ts";
import { themeVariables } from "./theme.ts";
import { titleOf } from "./view.ts";

const width = 800;
const margin = 24;
const inner = width - 2 * margin;
const gap = 24;
/** A letter's width on average, as a share of the font size: SVG wraps no text by itself. */
const letterWidth = 0.53;
const boldLetterWidth = 0.6;

export function reportSvg(result: BenchResult): string {
  const parts: string[] = [];
  let top = margin;
  const write = (text: string, x: number, size: number, extra = "") =>
    parts.push(
      `<text x="${x}" y="${top}" font-size="${size}" fill="var(--text)"${extra}>${escapeHtml(text)}</text>`,
    );
  top += 12;
  write(titleOf(result), margin, 14, ' opacity=".75"');
  for (const line of wrapped(result.verdict, Math.floor(inner / (18 * boldLetterWidth)))) {
    top += 25;
    write(line, margin, 18, ' font-weight="600"');
  }
  top += 18;
  const [speedup, ...bars] = picturesOf(result) as [Picture, ...Picture[]];
  parts.push(placed(drawPicture(speedup, inner), margin, top));
  top += speedup.height + 8;
  let left = margin;
  for (const { label, paths } of legendOf(result)) {
    const itemWidth = 66 + label.length * 13 * letterWidth;
    if (left > margin && left + itemWidth > width - margin) {
      left = margin;
      top += 24;
    }
    const drawn = paths.map((path) => `<path ${attributes(path)}/>`).join("");
    parts.push(`<g transform="translate(${left} ${top})">${drawn}</g>`);
    parts.push(
      `<text x="${left + 48}" y="${top + 12}" font-size="13" fill="var(--text)">${escapeHtml(label)}</text>`,
    );
    left += itemWidth;
  }
  top += 24 + gap;
  const half = (inner - gap) / 2;
  bars.forEach((bar, index) => {
    const x = margin + index * (half + gap);
    write(bar.title, x, 13, ' font-weight="600"');
    parts.push(placed(drawPicture(bar, half), x, top + 8));
  });
  const height = top + 8 + Math.max(...bars.map((bar) => bar.height)) + margin;
  const summary = picturesOf(result).map((picture) => picture.summary);
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif">
<title>${escapeHtml(result.verdict)}</title>
<desc>${escapeHtml(summary.join(" "))}</desc>
<style>svg { ${themeVariables("light")} } @media (prefers-color-scheme: dark) { svg { ${themeVariables("dark")} } } text { font-family: system-ui, sans-serif; }</style>
<rect width="${width}" height="${height}" fill="var(--page)"/>
${parts.join("\n")}
</svg>
`;
}

function placed(svg: string, x: number, y: number): string {
  return svg.replace("<svg ", `<svg x="${x}" y="${y}" `);
}

function attributes(path: Readonly<Record<string, string | number>>): string {
  return Object.entries(path)
    .map(([name, value]) => `${name}="${value}"`)
    .join(" ");
}

function wrapped(text: string, letters: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line && line.length + 1 + word.length > letters) {
      lines.push(word);
    } else {
      lines[lines.length - 1] = line ? `${line} ${word}` : word;
    }
  }
  return lines;
}
