/** Decides conditions around imports that do not depend on the program: versions, systems, type checkers. */

export type Condition = "always" | "maybe" | "called" | "main" | "never";

export interface Platform {
  readonly version: readonly [number, number];
  /** As `sys.platform` names it. */
  readonly system: string;
}

/** @returns `always` or `never` where it can be decided, `main` for `__name__ == "__main__"`, else `maybe` */
export function conditionHolds(condition: string, platform: Platform): Condition {
  const text = condition
    .replaceAll(/#[^\n]*/g, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
  const inner = /^\(([^()]*)\)$/.exec(text)?.[1];
  if (inner !== undefined) return conditionHolds(inner, platform);
  if (!/[()]/.test(text.replaceAll(/(version_info[^()]*|startswith|implementation)\([^()]*\)/g, ""))) {
    const alternatives = text.split(/ or /);
    if (alternatives.length > 1) return either(alternatives.map((part) => conditionHolds(part, platform)));
    const parts = text.split(/ and /);
    if (parts.length > 1) return both(parts.map((part) => conditionHolds(part, platform)));
  }
  const negated = /^not (.*)$/.exec(text)?.[1];
  if (negated !== undefined) return opposite(conditionHolds(negated, platform));
  return simple(text, platform);
}

function simple(text: string, { version, system }: Platform): Condition {
  if (/^(\w+\.)*(TYPE_CHECKING|MYPY|MYPY_CHECK_RUNNING|PY2|PYPY|IS_PYPY)$/.test(text)) return "never";
  if (/^(\w+\.)*PY3$|^True$|^1$/.test(text)) return "always";
  if (/^(False|0)$/.test(text)) return "never";
  if (/^__name__ == ['"]__main__['"]$/.test(text)) return "main";
  const info = /^(?:sys\.)?version_info(?:\[:\d\])? (<|<=|>|>=) \( ?(\d+)(?: ?, ?(\d+))?[ ,\d]*\)$/.exec(
    text,
  );
  if (info) return truth(compare(version, info[1]!, Number(info[2]), info[3] ? Number(info[3]) : undefined));
  const major = /^(?:sys\.)?version_info(?:\[0\]|\.major) (==|<|<=|>|>=) (\d)$/.exec(text);
  if (major)
    return truth(
      major[1] === "=="
        ? version[0] === Number(major[2])
        : compare(version, major[1]!, Number(major[2]), undefined),
    );
  const named = /^(?:sys\.)?platform (==|!=) ['"](\w+)['"]$/.exec(text);
  if (named) return truth((named[2] === system) === (named[1] === "=="));
  const starts = /^(?:sys\.)?platform\.startswith\(['"](\w+)['"]\)$/.exec(text);
  if (starts) return truth(system.startsWith(starts[1]!));
  const os = /^os\.name (==|!=) ['"](\w+)['"]$/.exec(text);
  if (os) return truth(((system === "win32" ? "nt" : "posix") === os[2]) === (os[1] === "=="));
  const made =
    /^(?:platform\.python_implementation\(\)|(?:sys\.)?implementation\.name) (==|!=) ['"](\w+)['"]$/.exec(
      text,
    );
  if (made) return truth((made[2]!.toLowerCase() === "cpython") === (made[1] === "=="));
  return "maybe";
}

/** A tuple of one number is a prefix: `(3, 13) > (3,)` in Python. */
function compare(
  [major, minor]: Platform["version"],
  operator: string,
  first: number,
  second: number | undefined,
): boolean {
  const order = Math.sign(major - first) || (second === undefined ? 1 : Math.sign(minor - second));
  // Real version tuples are longer than the ones they are compared with, so they are never equal to them.
  const exact = order === 0 ? 1 : order;
  return operator.startsWith("<") ? exact < 0 : exact > 0;
}

function truth(value: boolean): Condition {
  return value ? "always" : "never";
}

function opposite(value: Condition): Condition {
  return value === "always" ? "never" : value === "never" ? "always" : "maybe";
}

function both(values: readonly Condition[]): Condition {
  if (values.includes("never")) return "never";
  return values.every((value) => value === "always") ? "always" : "maybe";
}

function either(values: readonly Condition[]): Condition {
  if (values.includes("always")) return "always";
  return values.every((value) => value === "never") ? "never" : "maybe";
}
