/** The reports of a result: the same figures everywhere, and files that stand alone. */
import { describe, expect, it } from "vitest";
import { compareResults } from "../src/bench/report/compare.ts";
import { reportCsv } from "../src/bench/report/csv.ts";
import { reportHtml } from "../src/bench/report/html.ts";
import { installHelp } from "../src/bench/report/installHelp.ts";
import { reportMarkdown } from "../src/bench/report/markdown.ts";
import { colourCount, legendOf, markOf } from "../src/bench/report/marks.ts";
import { picturesOf } from "../src/bench/report/pictures.ts";
import { reportSvg } from "../src/bench/report/svg.ts";
import { costLines, tableGroups } from "../src/bench/report/table.ts";
import { reportText } from "../src/bench/report/text.ts";
import { themeVariables } from "../src/bench/report/theme.ts";
import { viewOf } from "../src/bench/report/view.ts";
import { flat, ordinary, reasonOf, resultOf, scaling } from "./benchSamples.ts";

const hardware = [1, 2].map((threads) => ({
  threads,
  medianMs: 100,
  lowMs: 99,
  highMs: 101,
  speedup: threads * 0.95,
  speedupLow: threads * 0.94,
  speedupHigh: threads * 0.96,
}));
const sharedObject = reasonOf("shared-object", {
  message: "All threads read `CACHE`.",
  evidence: "1.9 of 2 cores were busy.",
  link: { path: "/work space/roots.py", line: 12 },
});
const result = resultOf([ordinary, scaling, { id: "3.13t-gil", medians: [1300, 1310] }], {
  hardware,
  verdict: "Scales <well> & truly.",
  reasons: [sharedObject],
});
const before = resultOf([ordinary, flat]);

describe("pictures", () => {
  const [speedup, cost, memory] = picturesOf(result);
  const series = speedup!.option.series as { name?: string; data: unknown[]; lineStyle: { color: string } }[];

  it("draw every lane with its interval, the ideal and the machine's limit", () => {
    expect(series.map(({ name }) => name).filter(Boolean)).toEqual([
      "ideal",
      "this machine's limit",
      "3.13",
      "3.13t",
      "3.13t, GIL forced on",
    ]);
    const whisker = series.find(({ name, data }) => !name && JSON.stringify(data).includes("1.9"))!;
    const { speedupLow, speedupHigh } = result.lanes[1]!.samples[1]!;
    expect(whisker.data).toEqual([
      [2, speedupLow],
      [2, speedupHigh],
      [2, null],
    ]);
  });

  it("say in words what they show", () => {
    expect(speedup!.summary).toContain("3.13t: 1.00 on 1, 1.95 on 2");
    expect(cost!.summary).toContain("3.13t: 1.25");
    expect(memory!.summary).toContain("3.13: 12.0");
  });

  it("are plain data, so that another process can draw them", () => {
    expect(JSON.parse(JSON.stringify(picturesOf(result)))).toEqual(picturesOf(result));
  });

  it("name only colours that a theme defines, as many as there are marks", () => {
    const used = JSON.stringify([picturesOf(result), legendOf(result)]).match(/var\(--[\w-]+\)/g) ?? [];
    for (const scheme of ["light", "dark"] as const) {
      for (const colour of used) {
        expect(themeVariables(scheme)).toContain(`${colour.slice(4, -1)}: #`);
      }
      expect(themeVariables(scheme).match(/--lane-\d/g)).toHaveLength(colourCount);
    }
    const marks = Array.from({ length: colourCount }, (_, index) => JSON.stringify(markOf(index)));
    expect(new Set(marks).size).toBe(colourCount);
  });
});

describe("comparison", () => {
  it("calls a change clear only when the intervals part", () => {
    const { answer, rows } = compareResults(before, result);
    expect(answer).toBe("Faster than in the run before: 3.13t on 2 threads is 2.03 times as fast.");
    expect(rows).toEqual([
      ["3.13", "1", "1.00 s", "1.00 s", "same time", "within the noise"],
      ["3.13", "2", "1.01 s", "1.01 s", "same time", "within the noise"],
      ["3.13t", "1", "1.25 s", "1.25 s", "same time", "within the noise"],
      ["3.13t", "2", "1.30 s", "640.0 ms", "51 % less time", "faster"],
    ]);
    expect(compareResults(result, before).answer).toMatch(/^Slower .* takes 2\.03 times as long\.$/);
  });

  it("does not compare whole programs with functions", () => {
    const other = resultOf([ordinary, scaling], { mode: "function-weak" });
    expect(compareResults(other, result)).toMatchObject({
      rows: [],
      answer: expect.stringContaining("in common"),
    });
  });
});

describe("figures", () => {
  it("say the state of the GIL once, and share the unit of a range", () => {
    const wide = resultOf([
      { id: "3.13t", medians: [990], blur: 0.1 },
      { id: "3.13t-gil", medians: [990], blur: 0 },
    ]);
    const groups = tableGroups(wide);
    expect(groups.map(({ title }) => title)).toEqual(["3.13t, GIL off", "3.13t, GIL forced on"]);
    expect(groups[0]?.rows).toEqual([["1", "990.0 ms", "891.0 ms – 1.09 s", "1.00×", "100 %", "12.0 MiB"]]);
    expect(groups[1]?.rows[0]?.[2]).toBe("990.0 – 990.0 ms");
  });

  it("say from how many threads on it pays", () => {
    expect(costLines(result)[0]).toMatch(/1\.25× .* from 2 threads on it is faster than 3\.13 at its best$/);
    expect(costLines(before)[0]).toMatch(/no thread count measured makes it faster/);
  });
});

describe("files", () => {
  it("CSV has a line per sample and quotes what needs it", () => {
    const lines = reportCsv(result).trimEnd().split("\r\n");
    expect(lines).toHaveLength(1 + 6);
    expect(lines[4]).toMatch(/^3\.13t,3\.13t,threads,\/py\/3\.13t,3\.13\.5,false,2,640,/);
    expect(lines[5]).toContain(',"3.13t, GIL forced on",');
    expect(new Set(lines.map((line) => line.replaceAll(/"[^"]*"/g, "").split(",").length))).toEqual(
      new Set([16]),
    );
  });

  it("SVG and HTML carry no script, no address and no markup of strangers", () => {
    for (const text of [reportSvg(result), reportHtml(result, before)]) {
      expect(text).toContain("Scales &lt;well&gt; &amp; truly.");
      expect(text).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)| on\w+="/);
      expect(text).toContain("1.95 on 2");
    }
    expect(reportSvg(result)).toMatch(/^<svg xmlns="[^"]+" role="img"/);
  });

  it("HTML shows answer, pictures, comparison, figures, reasons and ways out in this order", () => {
    const page = reportHtml(result, before);
    const order = [
      "Scales &lt;",
      "<svg",
      "Compared with",
      "Figures",
      "Why",
      "Which way out fits",
      "Run it again",
    ];
    const places = order.map((text) => page.indexOf(text, page.indexOf("<main>")));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
    expect(page).toContain("<code>CACHE</code>");
    expect(page).toContain("/work space/roots.py:12");
  });

  it("Markdown and text say the same", () => {
    const markdown = reportMarkdown(result, before);
    expect(markdown).toContain("| 3.13t | 2 | 640.0 ms | 633.6 – 646.4 ms | 1.95× |");
    expect(markdown).toContain("(`/work space/roots.py:12`)");
    const text = reportText(result, { colours: false, width: 80 }, before);
    expect(text).toMatch(/^3\.13t +2 +640\.0 ms/m);
    for (const words of [
      "Faster than in the run before",
      "Which way out fits",
      "best fit",
      result.commandLine,
    ]) {
      expect(markdown).toContain(words);
      expect(text).toContain(words);
    }
  });

  it("the title names the function and its arguments", () => {
    const called = { name: "work", line: 3, arguments: "n=1000", calls: 6 };
    const weak = resultOf([ordinary, scaling], { mode: "function-weak", function: called });
    expect(viewOf(weak)).toMatchObject({
      title: "work(n=1000) in roots.py",
      subtitle: expect.stringContaining("one function"),
    });
  });
});

describe("help with installing", () => {
  it.each([
    ["linux", /pyenv install 3\.13t/],
    ["darwin", /brew install python-freethreading/],
    ["win32", /py install 3\.13t/],
  ] as const)("names the ways of %s", (platform, way) => {
    const help = installHelp(["3.13"], ["3.13t"], platform);
    expect(help.command).toBe("uv python install 3.13t");
    expect(help.problem).toContain("found only 3.13");
    expect(help.alternatives.map(({ command }) => command).join(" ")).toMatch(way);
  });
});
