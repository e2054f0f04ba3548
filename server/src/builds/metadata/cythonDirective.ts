/** Cython modules and the directive by which they keep the GIL off. */
import directiveMissing from "../../rules/builds/cython-directive-missing.ts";
import directiveUnreviewed from "../../rules/builds/cython-directive-unreviewed.ts";
import { callsOf, withoutHashComments } from "../brackets.ts";
import type { BuildFile } from "../buildFile.ts";
import type { BuildReport } from "../buildReport.ts";
import type { BuildProject } from "../project.ts";
import type { ScriptCall } from "../scripts/setupScript.ts";

const directive = "freethreading_compatible";
const title = "Declare that the module runs without the GIL, once its shared state is safe";
const consequence = "importing it switches the GIL back on for the whole process";

export function* inspectCython(project: BuildProject): Generator<BuildReport> {
  const modules = modulesOf(project);
  const silent = modules.filter((file) => ownDirective(file) === undefined);
  // The directive may come to the modules from anywhere in the build.
  const settled = project
    .of("setup-script", "build-helper", "meson", "cmake", "pyproject", "ini", "script")
    .some(mentions);
  if (!settled && isBuilt(project)) {
    if (modules.length === 0 || silent.length > 0) {
      for (const call of cythonizeCalls(project)) yield atCall(project.setup!.file, call);
    }
    for (const file of silent) yield atModule(file);
  }
  for (const file of modules) {
    if (ownDirective(file) === true || settled) yield* inspectCaches(file);
  }
}

/** Cython files that are modules of their own: others include the rest of them. */
function modulesOf(project: BuildProject): BuildFile[] {
  const files = project.of("cython");
  const included = new Set(
    files.flatMap(({ text }) =>
      [...text.matchAll(/^[ \t]*include\s+["']([^"']+\.pyx)["']/gm)].map(([, path]) => baseOf(path!)),
    ),
  );
  return files.filter(({ path }) => !included.has(baseOf(path)));
}

function baseOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function mentions({ text }: BuildFile): boolean {
  return withoutCommentLines(text).includes(directive);
}

function withoutCommentLines(text: string): string {
  return text.replace(/^\s*(#|REM\b).*$/gm, "");
}

/** A `.pyx` that a project does not compile, an example for instance, is no module. Alone it is taken for one. */
function isBuilt(project: BuildProject): boolean {
  const requires = project.buildRequirements.some(({ text }) => /^cython/i.test(text));
  const builds = project
    .of("setup-script", "build-helper", "meson", "cmake")
    .some(({ text }) => /cython|\.pyx\b/i.test(text));
  const nobodyBuilds = project.of("setup-script", "meson", "cmake", "pyproject").length === 0;
  return requires || builds || nobodyBuilds;
}

function cythonizeCalls({ setup }: BuildProject): ScriptCall[] {
  const calls = setup?.script.calls.filter(({ name }) => name === "cythonize") ?? [];
  return calls.filter(({ isOpen, keywords }) => {
    const given = keywords.get("compiler_directives")?.source;
    // Directives from a variable may be anything.
    return !isOpen && (given === undefined || (given.startsWith("{") && !given.includes("**")));
  });
}

function atCall(file: BuildFile, { start, nameEnd, close, keywords, positional }: ScriptCall): BuildReport {
  const given = keywords.get("compiler_directives");
  const entry = `"${directive}": True`;
  const separator = /,\s*$/.test(file.text.slice(nameEnd, close)) ? " " : ", ";
  const edit = given
    ? {
        start: given.start + 1,
        end: given.start + 1,
        newText: given.source.length > 2 ? `${entry}, ` : entry,
      }
    : { start: close, end: close, newText: `${separator}compiler_directives={${entry}}` };
  return {
    rule: directiveMissing,
    file,
    start,
    end: nameEnd,
    symbol: positional[0]?.text ?? "cythonize",
    message: `What \`cythonize\` makes here does not declare \`${directive}\`, so ${consequence}. Where its shared state is safe, pass \`compiler_directives={${entry}}\` (Cython 3.1 or later).`,
    repair: { title, edits: [edit] },
  };
}

function atModule(file: BuildFile): BuildReport {
  const { text } = file;
  const first = /^[^\n]*/.exec(text)![0].length;
  // A shebang and the declaration of the encoding keep their places.
  const at = /^(#!.*\n)?(#.*coding[:=].*\n)?/.exec(text)![0].length;
  return {
    rule: directiveMissing,
    file,
    start: 0,
    end: Math.max(first, 1),
    symbol: baseOf(file.path),
    message: `This module does not declare \`${directive}\`, so ${consequence}. Where its shared state is safe, begin it with \`# cython: ${directive}=True\` (Cython 3.1 or later).`,
    repair: { title, edits: [{ start: at, end: at, newText: `# cython: ${directive}=True\n` }] },
  };
}

/** What the comments above a module's first statement say; undefined when they say nothing. */
function ownDirective({ text }: BuildFile): boolean | undefined {
  for (const line of text.split("\n")) {
    if (line.trim() !== "" && !line.trimStart().startsWith("#")) return undefined;
    const match = /^\s*#\s*cython\s*:.*\bfreethreading_compatible\s*=\s*(\w+)/.exec(line);
    if (match) return match[1] === "True";
  }
  return undefined;
}

const changes = "append|add|update|pop|popitem|clear|extend|insert|remove|discard|setdefault";

/** Objects of a module that its functions change, in a module that declares that it needs no GIL. */
function* inspectCaches(file: BuildFile): Generator<BuildReport> {
  const code = withoutHashComments(file.text);
  for (const match of code.matchAll(/^cdef\s+(?:public\s+)?(dict|list|set|object)\s+(\w+)/gm)) {
    const [whole, type, name] = match;
    const change = new RegExp(
      `^[ \\t]+(?:[^\\n]*\\b)?${name}(?:\\[[^\\n]*\\]\\s*[-+|&]?=(?!=)|\\.(?:${changes})\\s*\\()`,
      "m",
    );
    const rebound = new RegExp(`^[ \\t]+global\\s[^\\n]*\\b${name}\\b`, "m");
    const place = change.exec(code) ?? rebound.exec(code);
    if (!place || /\bwith\s+\w*(lock|mutex|critical_section)/i.test(code)) continue;
    const start = match.index + whole.length - name!.length;
    yield {
      rule: directiveUnreviewed,
      file,
      start,
      end: start + name!.length,
      symbol: name!,
      message: `The module declares \`${directive}\`, but its functions change the ${type === "object" ? "object" : type} \`${name}\`, which all threads share, without a lock. The directive makes nothing safe by itself.`,
    };
  }
}

/** Cython modules of Meson, where nothing passes the directive. */
export function* inspectMesonCython(project: BuildProject): Generator<BuildReport> {
  const files = project.of("meson");
  if (project.of("meson", "pyproject", "setup-script", "build-helper").some(mentions)) return;
  const silent = new Set(
    modulesOf(project)
      .filter((one) => ownDirective(one) === undefined)
      .map(({ path }) => baseOf(path)),
  );
  for (const file of files) {
    for (const call of callsOf(withoutHashComments(file.text), "extension_module")) {
      const module = /['"]([^'"]*\.pyx)['"]/.exec(file.text.slice(call.open, call.close))?.[1];
      if (module === undefined || !silent.has(baseOf(module))) continue;
      yield {
        rule: directiveMissing,
        file,
        start: call.start,
        end: call.start + call.name.length,
        symbol: module,
        message: `\`${module}\` is compiled without \`${directive}\`, so ${consequence}. Where its shared state is safe, pass \`cython_args: ['-X${directive}=True']\` (Cython 3.1 or later).`,
      };
    }
  }
}
