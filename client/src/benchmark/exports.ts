/** Saves a result to a file, in the format that its user chooses. */
import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import { type BenchTool, reportSaved } from "./benchProcess.ts";
import type { ShownResult } from "./messages.ts";

/** Format of the command line, and what it is good for. */
function formats() {
  const { t } = vscode.l10n;
  return [
    {
      label: "HTML",
      description: t("a page with pictures that needs nothing else"),
      extension: "html",
      format: "json",
    },
    { label: "SVG", description: t("the answer and its pictures"), extension: "svg", format: "svg" },
    {
      label: "Markdown",
      description: t("for an issue or a decision record"),
      extension: "md",
      format: "markdown",
    },
    { label: "CSV", description: t("the figures, for a spreadsheet"), extension: "csv", format: "csv" },
    {
      label: "JSON",
      description: t("everything, for a later comparison"),
      extension: "json",
      format: "json",
    },
  ];
}

/** @returns where it was saved; undefined when the user decided otherwise */
export async function exportResult(
  tool: BenchTool,
  { result }: ShownResult,
): Promise<vscode.Uri | undefined> {
  const title = vscode.l10n.t("Export the benchmark");
  const chosen = await vscode.window.showQuickPick(formats(), { title });
  if (!chosen) {
    return undefined;
  }
  const { label, extension, format } = chosen;
  const stem = basename(result.file).replace(/\.\w+$/, "");
  const name = `${stem}${result.function ? `-${result.function.name}` : ""}-benchmark.${extension}`;
  const place = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.file(join(dirname(result.file), name)),
    filters: { [label]: [extension] },
  });
  if (!place) {
    return undefined;
  }
  if (extension === "html") {
    await reportSaved(tool, result, { html: place.fsPath });
  } else {
    await writeFile(place.fsPath, (await reportSaved(tool, result, { format })).stdout);
  }
  return place;
}
