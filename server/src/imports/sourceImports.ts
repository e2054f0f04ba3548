/**
 * The import statements of a Python text, each with the circumstances under which it runs. Reads logical lines only, so
 * that the thousands of files behind an environment's packages cost milliseconds, and broken code still yields the rest.
 */
import { type Condition, conditionHolds, type Platform } from "./conditions.ts";
import { type LogicalLine, logicalLines } from "./logicalLines.ts";

/** A `try` whose imports may fail. */
export interface TryGroup {
  /** Whether one of its handlers catches a failed import; and whether such a handler raises again. */
  catches: boolean;
  raises: boolean;
}

export interface SourceImport {
  /** Dotted name as written, without leading dots. */
  readonly module: string;
  readonly level: number;
  /** Names after `from … import`; empty for `import …`; `*` for all. */
  readonly names: readonly string[];
  /** Offsets of the module's name, dots included. */
  readonly start: number;
  readonly end: number;
  /**
   * `always` when the module is imported; `maybe` under a condition that reading cannot decide; `called` inside a
   * function; `main` when the file is run as a program; `never` for type checkers, other systems or other versions.
   */
  readonly runs: Condition;
  /** The innermost `try` whose body it stands in. */
  readonly within: TryGroup | undefined;
  /** The `try` whose failed imports lead here. */
  readonly insteadOf: TryGroup | undefined;
}

/** Whether a program makes do without the module when an import fails. */
export function isOptional({ within }: SourceImport): boolean {
  return within?.catches === true && !within.raises;
}

interface Block {
  readonly indent: number;
  readonly runs: Condition;
  readonly within: TryGroup | undefined;
  readonly insteadOf: TryGroup | undefined;
}

/** What has been seen of an `if` or `try` whose other clauses may follow at the same indentation. */
interface Statement {
  readonly group?: TryGroup;
  /** Whether none, one, or perhaps one of its branches so far is taken. */
  taken?: Condition;
}

const header = /(?:async[ \t]+)?(def|class|if|elif|else|try|except|finally|with|for|while|match|case)\b/y;

/** @param platform decides `sys.version_info`, `sys.platform` and the like */
export function sourceImports(text: string, platform: Platform): SourceImport[] {
  if (!text.includes("import")) return [];
  const found: SourceImport[] = [];
  const blocks: Block[] = [];
  const open = new Map<number, Statement>();
  for (const line of logicalLines(text)) {
    while (blocks.length > 0 && blocks.at(-1)!.indent >= line.indent) blocks.pop();
    const around = blocks.at(-1);
    const from = line.start + line.indentLength;
    const word = text.startsWith("import", from) || text.startsWith("from", from);
    if (around?.insteadOf && text.startsWith("raise", from)) around.insteadOf.raises = true;
    if (word) readStatement(text, from, line.end, around, found);
    header.lastIndex = from;
    const clause = word ? null : header.exec(text);
    if (!clause) {
      open.delete(line.indent);
      continue;
    }
    const block = openBlock(clause[1]!, text, line, around, open, platform);
    blocks.push(block);
    const inline = /:[ \t]*(?=(?:import|from)[ \t])/.exec(text.slice(from, line.end));
    if (inline) readStatement(text, from + inline.index + inline[0].length, line.end, block, found);
  }
  return found;
}

function openBlock(
  word: string,
  text: string,
  line: LogicalLine,
  around: Block | undefined,
  open: Map<number, Statement>,
  platform: Platform,
): Block {
  const { indent } = line;
  const outer: Condition = around?.runs ?? "always";
  const inherited = { indent, within: around?.within, insteadOf: around?.insteadOf };
  const statement = open.get(indent);
  const headText = text.slice(line.start + line.indentLength, line.end);
  switch (word) {
    case "def":
      open.delete(indent);
      return { ...inherited, runs: weaker(outer, "called") };
    case "if": {
      const holds = conditionHolds(conditionOf(headText), platform);
      open.set(indent, { taken: holds });
      return { ...inherited, runs: weaker(outer, holds) };
    }
    case "elif":
    case "else": {
      if (statement?.group) return { ...inherited, runs: outer };
      const before = statement?.taken ?? "maybe";
      const holds = word === "else" ? "always" : conditionHolds(conditionOf(headText), platform);
      const runs = before === "always" ? "never" : before === "never" ? holds : weaker(holds, "maybe");
      if (statement && before === "never") statement.taken = holds;
      return { ...inherited, runs: weaker(outer, runs) };
    }
    case "try": {
      const group: TryGroup = { catches: false, raises: false };
      open.set(indent, { group });
      return { ...inherited, runs: outer, within: group };
    }
    case "except": {
      const catches =
        /except\*?[ \t]*(:|.*\b(ImportError|ModuleNotFoundError|Exception|BaseException)\b)/.test(headText);
      if (statement?.group && catches) statement.group.catches = true;
      return catches
        ? { ...inherited, runs: outer, insteadOf: statement?.group }
        : { ...inherited, runs: weaker(outer, "maybe") };
    }
    case "for":
    case "while":
    case "case":
      open.set(indent, { taken: "maybe" });
      return { ...inherited, runs: weaker(outer, "maybe") };
    default:
      return { ...inherited, runs: outer };
  }
}

const strength: readonly Condition[] = ["never", "called", "main", "maybe", "always"];

function weaker(one: Condition, other: Condition): Condition {
  return strength.indexOf(one) < strength.indexOf(other) ? one : other;
}

function conditionOf(head: string): string {
  return /^(?:el)?if\b([\s\S]*?):[^\]})]*$/.exec(head)?.[1] ?? "";
}

function readStatement(
  text: string,
  start: number,
  end: number,
  block: Block | undefined,
  found: SourceImport[],
): void {
  const runs = block?.runs ?? "always";
  const { within, insteadOf } = block ?? {};
  // Positions stay right: comments, brackets and line ends become blanks.
  const plain = text
    .slice(start, end)
    .replaceAll(/#[^\n\r]*/g, (comment) => " ".repeat(comment.length))
    .replaceAll(/[()\\\s]/g, " ");
  let at = start;
  for (const statement of plain.split(";")) {
    const from = /^( *from +)(\.[. ]*|)([\w.]*) +import +(.*)$/.exec(statement);
    if (from) {
      const [, lead = "", dots = "", module = "", list = ""] = from;
      const names = list.split(",").map((item) => item.trim().split(/ +/)[0]!);
      const place = {
        start: at + lead.length,
        end: at + lead.length + dots.trimEnd().length + module.length,
      };
      const level = dots.replaceAll(" ", "").length;
      found.push({ module, level, names: names.filter(Boolean), ...place, runs, within, insteadOf });
    } else if (/^ *import /.test(statement)) {
      let item = at + statement.indexOf("import ") + "import ".length;
      for (const part of statement.slice(item - at).split(",")) {
        const [, blank = "", module = ""] = /^( *)([\w.]*)/.exec(part)!;
        const first = item + blank.length;
        if (module) {
          found.push({
            module,
            level: 0,
            names: [],
            start: first,
            end: first + module.length,
            runs,
            within,
            insteadOf,
          });
        }
        item += part.length + 1;
      }
    }
    at += statement.length + 1;
  }
}
