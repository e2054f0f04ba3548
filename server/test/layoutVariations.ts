// The same program laid out differently: what it does stays, and where lines begin and end changes.

export interface Variation {
  readonly name: string;
  readonly change: (text: string) => string;
}

const simpleLine = /^( +)((?:[\w.[\]"']+(?:\s[-+|]?=\s.*|\.\w+\(.*\)))|return\b.*|del .*)$/;

/** Lines outside of brackets and long strings, which can be told apart by what they end and begin with. */
const isWhole = (line: string) =>
  simpleLine.test(line) && !/[\\([{,]$|"""|'''|#/.test(line) && balance(line) === 0;

function balance(line: string): number {
  return (line.match(/[([{]/g)?.length ?? 0) - (line.match(/[)\]}]/g)?.length ?? 0);
}

const eachLine = (change: (line: string) => string) => (text: string) =>
  text.split("\n").map(change).join("\n");

export const variations: readonly Variation[] = [
  { name: "plain", change: (text) => text },
  { name: "crlf", change: (text) => text.replaceAll("\n", "\r\n") },
  {
    name: "tabs",
    change: eachLine((line) => line.replace(/^( {4})+/, (spaces) => "\t".repeat(spaces.length / 4))),
  },
  {
    name: "nested",
    change: (text) =>
      text.includes("__future__") || text.includes("import *") || /"""|'''/.test(text)
        ? text
        : `if True:\n    pass\n${eachLine((line) => (line === "" ? line : `    ${line}`))(text)}\n`,
  },
  {
    name: "comments",
    change: (text) =>
      `# Übersicht 🐍\n${eachLine((line) => (isWhole(line) ? `${line}  # größer als 🐍 日本` : line))(text)}`,
  },
  {
    name: "continued",
    change: eachLine((line) =>
      isWhole(line) ? line.replace(/^( +)(\S+ [-+|]?=) /, "$1$2 \\\n$1        ") : line,
    ),
  },
  {
    name: "one-line suites",
    change: (text) =>
      text.replace(
        /^( *)(if|for|while|with) (.*):\n\1 {4}(?!if|for|while|with|try|def|class|@)([^\s#].*)\n(?!\1 +\S)(?!\1(?:else|elif))/gm,
        (all, indent: string, word: string, head: string, body: string) =>
          isWhole(`    ${body}`) && !head.includes("#") ? `${indent}${word} ${head}: ${body}\n` : all,
      ),
  },
  {
    name: "semicolons",
    change: eachLine((line) => (isWhole(line) && !/^ +return/.test(line) ? `${line}; str()` : line)),
  },
];
