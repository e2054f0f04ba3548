// The import audit's page and command line, without an editor.
import { expect, test } from "vitest";
import type { ImportsReport, ReportedImport } from "../../../server/src/imports/report.ts";
import { importsArguments } from "../../src/imports/importsProcess.ts";
import { reportMarkdown } from "../../src/imports/reportText.ts";

const one = (name: string, facts: Partial<ReportedImport>): ReportedImport => ({
  import: name,
  distribution: null,
  distributionVersion: null,
  verdict: "pure",
  evidence: [],
  chain: [name],
  culprits: [],
  notes: [],
  advice: [],
  installed: true,
  optional: false,
  places: [],
  ...facts,
});

test("the page puts what is in the way first and quotes as plain text", () => {
  const culprit = {
    module: "fast._c",
    reason: "undeclared" as const,
    chain: ["fast", "fast._c"],
    conditional: false,
    source: "binary" as const,
    detail: "It has *no* [slot](x).",
  };
  const report: ImportsReport = {
    version: 1,
    python: "3.13t",
    environment: null,
    modules: [
      one("os", { verdict: "stdlib" }),
      one("calm", {}),
      one("fast", { verdict: "enables-gil", culprits: [culprit] }),
    ],
    dependencies: [one("unused", { verdict: "no-free-threaded-build" }), one("fine", {})],
  };
  const page = reportMarkdown(report);
  expect(page.indexOf("| `fast` |")).toBeLessThan(page.indexOf("| `calm` |"));
  expect(page).not.toContain("| `os` |");
  expect(page).toContain("`fast` → `fast._c`: It has \\*no\\* \\[slot\\](x).");
  expect(page).toContain("## Dependencies that no file imports");
  expect(page).not.toContain("`fine`");
});

test("the command line names interpreter, modules and folders, and probes only when told", () => {
  const call = {
    cli: "c",
    node: "n",
    python: "/p",
    probe: false,
    folders: ["-x"],
    modules: [],
    signal: new AbortController().signal,
  };
  expect(importsArguments(call)).toEqual(["imports", "--format", "json", "--python", "/p", "--", "-x"]);
  expect(
    importsArguments({ ...call, python: undefined, probe: true, folders: [], modules: ["a.b"] }),
  ).toEqual(["imports", "--format", "json", "--probe", "--module", "a.b", "--"]);
});
