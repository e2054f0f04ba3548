/** The dependencies a `pyproject.toml` declares: PEP 621, dependency groups (PEP 735) and Poetry's tables. */
import { type AST, parseTOML } from "toml-eslint-parser";
import { normalisedName } from "../../environment/distributions.ts";
import type { Dependency } from "./dependency.ts";
import { readRequirement } from "./requirement.ts";

/** A file that is not valid TOML, as while it is being edited, has no dependencies. */
export function readPyproject(text: string): Dependency[] {
  let program: AST.TOMLProgram;
  try {
    program = parseTOML(text);
  } catch {
    return [];
  }
  return program.body[0].body.flatMap((node) =>
    node.type === "TOMLTable"
      ? node.body.flatMap((pair) => readPair(pair, node.resolvedKey.map(String)))
      : readPair(node, []),
  );
}

function readPair(pair: AST.TOMLKeyValue, table: readonly string[]): Dependency[] {
  const key = [...table, ...pair.key.keys.map((part) => (part.type === "TOMLBare" ? part.name : part.value))];
  if (isList(key)) return strings(pair.value).flatMap((value) => fromString(value));
  if (isPoetry(key)) return poetryEntry(pair, key.at(-1)!);
  if (pair.value.type === "TOMLInlineTable" && /^(project|dependency-groups|tool)$/.test(key[0] ?? "")) {
    return pair.value.body.flatMap((inner) => readPair(inner, key));
  }
  return [];
}

function isList(key: readonly string[]): boolean {
  const path = key.join(".");
  return (
    path === "project.dependencies" ||
    (key.length === 3 && path.startsWith("project.optional-dependencies.")) ||
    (key.length === 2 && key[0] === "dependency-groups")
  );
}

function isPoetry(key: readonly string[]): boolean {
  // The last part is a distribution's name, which may contain dots.
  const table = key.slice(0, -1).join(".");
  return /^tool\.poetry\.(dependencies|dev-dependencies|group\.[^.]+\.dependencies)$/.test(table);
}

function poetryEntry(pair: AST.TOMLKeyValue, name: string): Dependency[] {
  if (name === "python") return [];
  const part = pair.key.keys.at(-1)!;
  const quoted = part.type === "TOMLQuoted" ? 1 : 0;
  const [start, end] = [part.range[0] + quoted, part.range[1] - quoted];
  const written =
    pair.value.type === "TOMLValue" && typeof pair.value.value === "string" ? pair.value.value : "";
  // A plain version is a caret range in Poetry; only `==` pins.
  const version = /^==\s*([^\s,*]+)$/.exec(written)?.[1];
  return [{ name: normalisedName(name), version, start, end }];
}

function strings(node: AST.TOMLContentNode): AST.TOMLStringValue[] {
  if (node.type === "TOMLArray") return node.elements.flatMap(strings);
  return node.type === "TOMLValue" && node.kind === "string" ? [node] : [];
}

function fromString(node: AST.TOMLStringValue): Dependency[] {
  const quotes = node.multiline ? 3 : 1;
  const one = readRequirement(node.value, node.range[0] + quotes);
  return one ? [one] : [];
}
