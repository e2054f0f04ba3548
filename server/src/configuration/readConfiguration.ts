// The text of a pyproject.toml → what [tool.threadproof] in it asks for, and what is wrong with it, in place.
import { posix } from "node:path";
import type { SourceRange } from "../findings/finding.ts";
import { nearest } from "../findings/nearest.ts";
import { ProjectConfiguration } from "./projectConfiguration.ts";
import { keyNames, tableSchema } from "./schema.ts";
import { TomlDocument, TomlFault, type TomlPath } from "./tomlDocument.ts";

/** Something wrong in a configuration file. With an error the file is not used, with a warning the rest of it is. */
export interface Problem {
  readonly path: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly range: SourceRange;
}

export interface ReadConfiguration {
  /** Absent when the file has no [tool.threadproof], and when it has errors. */
  readonly configuration?: ProjectConfiguration;
  readonly problems: readonly Problem[];
}

const table: TomlPath = ["tool", "threadproof"];

/**
 * Never throws on bad text.
 * @param path absolute, with forward slashes; patterns and the baseline are relative to its folder
 * @param ruleNames names of all rules
 */
export function readConfiguration(
  path: string,
  text: string,
  ruleNames: readonly string[],
): ReadConfiguration {
  // A project that does not mention us may hold what it likes.
  if (!text.includes("threadproof")) return { problems: [] };
  const problems: Problem[] = [];
  const add = (severity: Problem["severity"], message: string, range: SourceRange) =>
    problems.push({ path, severity, message, range });
  let document: TomlDocument;
  try {
    document = new TomlDocument(text);
  } catch (error) {
    if (!(error instanceof TomlFault)) throw error;
    add("error", error.message, error.range);
    return { problems };
  }
  const value = ownTable(document.value);
  if (value === undefined) return { problems };
  for (const issue of tableSchema.safeParse(value).error?.issues ?? [])
    add("error", issue.message, document.rangeOfValue([...table, ...issue.path.map(pathPart)]));
  warnOfUnknown(value, document, ruleNames, (message, range) => add("warning", message, range));
  problems.sort((a, b) => a.range.start - b.range.start);
  if (problems.some((problem) => problem.severity === "error")) return { problems };
  const configuration = new ProjectConfiguration(path, posix.dirname(path), tableSchema.parse(value));
  return { configuration, problems };
}

function ownTable(value: unknown): unknown {
  return (value as { tool?: { threadproof?: unknown } }).tool?.threadproof;
}

function pathPart(part: PropertyKey): string | number {
  return typeof part === "symbol" ? String(part) : part;
}

function warnOfUnknown(
  value: unknown,
  document: TomlDocument,
  ruleNames: readonly string[],
  warn: (message: string, range: SourceRange) => void,
): void {
  const unknown = (kind: string, name: unknown, candidates: readonly string[], range: SourceRange) => {
    if (typeof name !== "string" || candidates.includes(name)) return;
    const meant = nearest(name, candidates);
    warn(
      `There is no ${kind} \`${name}\`${meant === undefined ? "." : `; did you mean \`${meant}\`?`}`,
      range,
    );
  };
  const namesIn = (list: unknown, path: TomlPath) => {
    if (!Array.isArray(list)) return;
    list.forEach((name, i) => {
      unknown("rule", name, ruleNames, document.rangeOfValue([...table, ...path, i]));
    });
  };
  for (const [key, content] of Object.entries(value ?? {})) {
    unknown("setting", key, keyNames, document.rangeOfKey([...table, key]));
    if (key === "select" || key === "ignore") namesIn(content, [key]);
    if (content === null || typeof content !== "object") continue;
    for (const [inner, list] of Object.entries(content)) {
      if (key === "per-file-ignores") namesIn(list, [key, inner]);
      if (key === "severity") unknown("rule", inner, ruleNames, document.rangeOfKey([...table, key, inner]));
    }
  }
}
