/**
 * What the analysis knows of objects that all threads of a program use: the places to look at when threads are
 * busy and yet gain nothing.
 */
import { readFile } from "node:fs/promises";
import { ruleCatalogue } from "../analysis/ruleCatalogue.ts";
import { Workspace } from "../analysis/workspace.ts";
import { decodePython } from "../sources/decodePython.ts";
import type { Link } from "./result.ts";

export interface SharedPlace {
  readonly rule: string;
  /** As written in the program. */
  readonly symbol: string;
  readonly message: string;
  readonly link: Link;
  /** Found by a rule about scaling; the others are races, which write to what they share. */
  readonly slows: boolean;
}

const racy = ["compound operations", "shared state"];

/**
 * @param calledByThreads a function that the benchmark itself calls from several threads
 * @returns those about scaling first; empty when the file cannot be read
 */
export async function findSharedPlaces(file: string, calledByThreads?: string): Promise<SharedPlace[]> {
  const bytes = await readFile(file).catch(() => undefined);
  if (bytes === undefined) {
    return [];
  }
  const { text } = decodePython(bytes);
  const workspace = await Workspace.create({ concurrency: "auto", target: "3.13", preview: true });
  workspace.update(file, calledByThreads === undefined ? text : withThreads(text, calledByThreads));
  const lines = text.split("\n").length;
  const families = new Map(ruleCatalogue.map(({ name, family }) => [name, family]));
  return workspace
    .findings(file)
    .flatMap((finding): SharedPlace[] => {
      const slows = families.get(finding.rule) === "scaling";
      const counts =
        slows || (finding.evidence === "proven" && racy.includes(families.get(finding.rule) ?? ""));
      const line = finding.range.startLine + 1;
      const { rule, symbol, message } = finding;
      return counts && line <= lines ? [{ rule, symbol, message, link: { path: file, line }, slows }] : [];
    })
    .sort((a, b) => Number(b.slows) - Number(a.slows));
}

/** The threads that the benchmark starts, written down at the end of the file, where no other line moves. */
function withThreads(text: string, name: string): string {
  return `${text}\nimport threading\nfor _ in range(8):\n    threading.Thread(target=${name}).start()\n`;
}
