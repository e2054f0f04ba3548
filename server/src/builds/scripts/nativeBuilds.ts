/** Modules that CMake, Meson and scripts build: nanobind's option, and the flag of f2py. */
import f2pyFlagMissing from "../../rules/builds/f2py-flag-missing.ts";
import nanobindNotOptedIn from "../../rules/builds/nanobind-not-opted-in.ts";
import windowsMacroMissing from "../../rules/builds/windows-macro-missing.ts";
import { callsOf, withoutCommentsOnly, withoutContents, withoutHashComments } from "../brackets.ts";
import type { BuildFile } from "../buildFile.ts";
import type { BuildReport } from "../buildReport.ts";

/** CMake's own comments in brackets are rare, and blanked first. */
function cmakeCode(text: string): string {
  const plain = text.replace(/#\[(=*)\[[\s\S]*?\]\1\]/g, (comment) => comment.replace(/[^\n]/g, " "));
  return plain.replace(/"(?:\\[\s\S]|[^"\\])*"|#[^\n]*/g, (match) =>
    match[0] === '"' ? withoutContents(match) : " ".repeat(match.length),
  );
}

export function* inspectNanobind(file: BuildFile): Generator<BuildReport> {
  const code = cmakeCode(file.text);
  const isSettled = /NB_FREE_THREADED/.test(code);
  for (const call of callsOf(code, "nanobind_add_module")) {
    const words = withoutCommentsOnly(file.text.slice(call.open + 1, call.close));
    // Options in a variable or handed on by a wrapper may hold it.
    if (isSettled || /\bFREE_THREADED\b/.test(words)) continue;
    if (/\$\{\w*(ARGN|ARGS|ARGV|OPTION|FLAG)\w*\}/i.test(words)) continue;
    const name = /^\s*(\S+)/.exec(words);
    if (!name) continue;
    const at = call.open + 1 + name[0].length;
    yield {
      rule: nanobindNotOptedIn,
      file,
      start: call.start,
      end: call.start + call.name.length,
      symbol: name[1]!,
      message: `The module \`${name[1]}\` is built without \`FREE_THREADED\`, so importing it switches the GIL back on for the whole process. nanobind knows it from version 2.2 on.`,
      repair: {
        title: "Build with `FREE_THREADED`, once the module's shared state is safe",
        edits: [{ start: at, end: at, newText: " FREE_THREADED" }],
      },
    };
  }
}

const flag = "--freethreading-compatible";
/** f2py as a command with something to build; `import numpy.f2py` and paths of its sources are none. */
const command =
  /(?:\bnumpy\.f2py|(?<![\w./-])f2py\d*(?:\.exe)?)(?=['"\s,])(?=[^\n]*?(?:\s|['"])(?:-c|-m|--build-dir|-h)\b|[^\n]*\.pyf?\b|[^\n]*\.f(?:90|95|77|or)?\b)/;

export function* inspectF2py(file: BuildFile): Generator<BuildReport> {
  if (!file.text.includes("f2py") || file.text.includes(flag)) return;
  const found =
    file.kind === "cmake" || file.kind === "meson" ? commandsInCalls(file) : commandsInLines(file);
  for (const { start, end, line } of found) {
    const at = line === undefined ? undefined : start + (end - start);
    yield {
      rule: f2pyFlagMissing,
      file,
      start,
      end,
      symbol: "f2py",
      message: `f2py makes a module here without \`${flag}\`, so importing it switches the GIL back on for the whole process. f2py knows the flag from NumPy 2.1 on.`,
      ...(at !== undefined && {
        repair: {
          title: `Pass \`${flag}\`, once the Fortran code is safe to run in threads`,
          edits: [{ start: at, end: at, newText: ` ${flag}` }],
        },
      }),
    };
  }
}

interface Command {
  readonly start: number;
  readonly end: number;
  /** The line, where the command stands in a shell's words. */
  readonly line?: string;
}

const wrappers = "custom_target|generator|run_command|add_custom_command|add_custom_target|execute_process";

function commandsInCalls(file: BuildFile): Command[] {
  const code = file.kind === "cmake" ? cmakeCode(file.text) : withoutHashComments(file.text);
  return callsOf(code, wrappers).flatMap((call) => {
    const text = withoutCommentsOnly(file.text.slice(call.open, call.close));
    const match = /\bnumpy\.f2py\b(?!\.)|(?<![\w./-])f2py\b(?![./_])/.exec(text);
    // `f2py` that is only asked for its folder or version makes nothing.
    if (!match || /get_include|--version|-c['"]?,?\s*['"]import/.test(text)) return [];
    const start = call.open + match.index;
    return [{ start, end: start + match[0].length }];
  });
}

function commandsInLines({ text }: BuildFile): Command[] {
  const found: Command[] = [];
  for (const match of text.matchAll(/[^\n]+/g)) {
    const line = match[0];
    if (/^\s*(#|REM\b|::|echo\b)/i.test(line)) continue;
    const use = command.exec(line);
    if (use) {
      const start = match.index + use.index;
      found.push({ start, end: start + use[0].length, line });
    }
  }
  return found;
}

/** Compilers of Windows called by hand for a module whose name says that free-threaded builds load it. */
export function* inspectWindowsCompilers(file: BuildFile): Generator<BuildReport> {
  if (/Py_GIL_DISABLED/.test(file.text)) return;
  for (const match of file.text.matchAll(/[^\n]+/g)) {
    const use =
      /(?<![\w./\\-])(?:clang-)?cl(?:\.exe)?(?=\s+[^\n]*[/-]LD\b)(?=[^\n]*[/-](?:Fe:?|OUT:)\s*"?[^\s"]*?(cp3\d+t?-\w+)?\.pyd)/i.exec(
        match[0],
      );
    if (!use || /^\s*(#|REM\b|::|echo\b)/i.test(match[0])) continue;
    // A name for builds with the GIL is for those alone.
    if (use[1] !== undefined && !/t-/.test(use[1])) continue;
    const start = match.index + use.index;
    yield {
      rule: windowsMacroMissing,
      file,
      start,
      end: start + use[0].length,
      symbol: use[0],
      message:
        "The module is compiled without `/DPy_GIL_DISABLED=1`. From CPython 3.14 on the headers for Windows no longer say themselves that a build is free-threaded, so objects are laid out as in builds with the GIL, and the module crashes.",
    };
  }
}
