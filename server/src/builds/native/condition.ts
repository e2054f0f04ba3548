/** Values of preprocessor conditions, as far as a few definitions decide them. */

/** Name to value; null for names that are known to be undefined. Names that are missing may be anything. */
export type Definitions = ReadonlyMap<string, number | null>;

/** How the three kinds of builds that matter define what conditions about Python ask for. */
function buildOf(minor: number, freeThreaded: boolean): Definitions {
  return new Map<string, number | null>([
    ["PY_MAJOR_VERSION", 3],
    ["PY_MINOR_VERSION", minor],
    ["PY_VERSION_HEX", 0x030000f0 + (minor << 16)],
    ["Py_GIL_DISABLED", freeThreaded ? 1 : null],
    ["Py_mod_gil", minor >= 13 ? 4 : null],
    ["Py_MOD_GIL_NOT_USED", minor >= 13 ? 1 : null],
    ["PYPY_VERSION", null],
    ["GRAALVM_PYTHON", null],
    ["Py_LIMITED_API", null],
  ]);
}

export const freeThreadedBuild = buildOf(13, true);
export const buildWithGil = buildOf(13, false);
/** CPython 3.12, which knows nothing of free threading. */
export const olderBuild = buildOf(12, false);

type Value = number | undefined;

const token = /\s*(\|\||&&|[=!<>]=|<<|>>|[-+*/%<>!()&|^~?:,]|0[xX][0-9a-fA-F]+|\d+|\w+)[uUlL]*/y;

/** @returns undefined when the definitions do not decide it */
export function evaluate(condition: string, definitions: Definitions): Value {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < condition.trimEnd().length) {
    const match = token.exec(condition);
    if (!match) return undefined;
    tokens.push(match[1]!);
  }
  const parser = new Parser(tokens, definitions);
  const value = parser.or();
  return parser.isDone ? value : undefined;
}

/** Conditions use little of C's expressions; what is not read here makes the whole unknown. */
class Parser {
  private at = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly definitions: Definitions,
  ) {}

  get isDone(): boolean {
    return this.at === this.tokens.length;
  }

  or(): Value {
    let left = this.and();
    while (this.take("||")) {
      const right = this.and();
      left = isTrue(left) || isTrue(right) ? 1 : left === 0 && right === 0 ? 0 : undefined;
    }
    return left;
  }

  private and(): Value {
    let left = this.comparison();
    while (this.take("&&")) {
      const right = this.comparison();
      left = left === 0 || right === 0 ? 0 : isTrue(left) && isTrue(right) ? 1 : undefined;
    }
    return left;
  }

  private comparison(): Value {
    const left = this.unary();
    const operator = this.tokens[this.at];
    if (operator === undefined || !/^([=!<>]=|<|>)$/.test(operator)) return left;
    this.at += 1;
    const right = this.unary();
    if (left === undefined || right === undefined) return undefined;
    return Number(compare(operator, left, right));
  }

  private unary(): Value {
    if (this.take("!")) {
      const value = this.unary();
      return value === undefined ? undefined : Number(value === 0);
    }
    if (this.take("(")) {
      const value = this.or();
      this.take(")");
      return value;
    }
    const word = this.tokens[this.at++];
    if (word === undefined) return undefined;
    if (/^\d/.test(word)) return Number(word);
    if (word === "defined") return this.isDefined();
    if (this.tokens[this.at] === "(") this.skipArguments();
    else if (this.definitions.has(word)) return this.definitions.get(word) ?? 0;
    return undefined;
  }

  private isDefined(): Value {
    const bracket = this.take("(");
    const name = this.tokens[this.at++] ?? "";
    if (bracket) this.take(")");
    const value = this.definitions.get(name);
    return value === undefined ? undefined : Number(value !== null);
  }

  private skipArguments(): void {
    let depth = 0;
    do {
      const word = this.tokens[this.at++];
      if (word === "(") depth += 1;
      else if (word === ")") depth -= 1;
    } while (depth > 0 && !this.isDone);
  }

  private take(word: string): boolean {
    if (this.tokens[this.at] !== word) return false;
    this.at += 1;
    return true;
  }
}

function isTrue(value: Value): boolean {
  return value !== undefined && value !== 0;
}

function compare(operator: string, left: number, right: number): boolean {
  switch (operator) {
    case "==":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case ">":
      return left > right;
    case "<=":
      return left <= right;
    default:
      return left >= right;
  }
}
