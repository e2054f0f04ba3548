// B10: `if not os.path.exists(p): os.makedirs(p)`: the file system changes between the question and the act.
import type { Argument, Call, Context } from "../../facts/facts.ts";
import type { Evidence } from "../../findings/finding.ts";
import { keyOf } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

const tests = /^os\.path\.(exists|lexists|isfile|isdir)$/;
const pathTests = /^(exists|is_file|is_dir)$/;
/** What expects that nothing is there, and what expects that something is: functions, then methods of a Path. */
const makes = /^os\.(mkdir|makedirs)$/;
const needs = /^os\.(remove|unlink|rmdir)$/;
const pathMakes = /^(mkdir|write_text|write_bytes)$/;
const pathNeeds = /^(unlink|rmdir|read_text|read_bytes)$/;

export default defineFileRule(
  {
    name: "check-then-act-file",
    summary: "A path is tested for existence and then made, removed or opened.",
    family: "compound operations",
    severity: "hint",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    const { file, program } = view;
    const spoken = new Set<number>();
    for (const call of file.facts.calls) {
      if (call.fn === 0) continue; // a module's own code runs once
      const act = actOf(view, call);
      if (act === undefined || isHandled(view, call, act.expects)) continue;
      const test = testBefore(view, call, act);
      if (test === undefined || spoken.has(test.start)) continue;
      if (program.locksets.held(file, call.fn, call.context).size > 0) continue;
      spoken.add(test.start);
      const path = act.path.replace(/^\w*:/, "");
      const there = act.expects === "nothing" ? "missing" : "there";
      yield {
        start: call.start,
        end: call.end,
        fn: call.fn,
        symbol: path,
        message: `A thread sees that \`${path}\` is ${there} and then calls \`${act.name}\`; when another thread or process changes the path in between, ${act.outcome}. ${act.advice}`,
        evidence: evidenceOf(view, call.fn),
        related: [
          { path: file.path, range: file.range(test.start, test.end), message: `\`${path}\` is tested here` },
        ],
      };
    }
  },
);

interface Act {
  readonly name: string;
  /** Names the path in a way that can be compared; the part behind the colon is for readers. */
  readonly path: string;
  readonly expects: "nothing" | "something";
  readonly outcome: string;
  readonly advice: string;
}

function actOf(view: FileView, call: Call): Act | undefined {
  const target = pathAndName(view, call);
  if (target === undefined) return undefined;
  const { name, path, isMethod } = target;
  if (name === "open") return opening(call, path);
  if ((isMethod ? pathMakes : makes).test(name)) {
    if (hasOption(call, "exist_ok") || call.args.length > 2) return undefined;
    if (name.startsWith("write_")) {
      return {
        name,
        path,
        expects: "nothing",
        outcome: "the file that came into being is overwritten",
        advice: 'Open it with mode "x" and handle FileExistsError.',
      };
    }
    const advice =
      name === "os.mkdir" ? "Just make it and catch FileExistsError." : "Say `exist_ok=True` instead.";
    return { name, path, expects: "nothing", outcome: "this one raises FileExistsError", advice };
  }
  if (!(isMethod ? pathNeeds : needs).test(name) || hasOption(call, "missing_ok")) return undefined;
  const advice =
    isMethod && name === "unlink"
      ? "Say `missing_ok=True` instead."
      : "Just do it and catch FileNotFoundError.";
  return { name, path, expects: "something", outcome: "this one raises FileNotFoundError", advice };
}

function opening(call: Call, path: string): Act | undefined {
  const given = call.args.find((a) => a.keyword === "mode") ?? call.args.filter((a) => a.keyword === "")[1];
  const mode = given === undefined ? "r" : given.literal;
  if (/w/.test(mode)) {
    return {
      name: "open",
      path,
      expects: "nothing",
      outcome: "the file that came into being is emptied",
      advice: 'Open it with mode "x" and handle FileExistsError.',
    };
  }
  if (!/r/.test(mode)) return undefined;
  return {
    name: "open",
    path,
    expects: "something",
    outcome: "this one raises FileNotFoundError",
    advice: "Just open it and catch FileNotFoundError.",
  };
}

/** What is called, and on which path: `os.remove(p)` and `p.unlink()` are both about `p`. */
function pathAndName(
  view: FileView,
  call: Call,
): { name: string; path: string; isMethod: boolean } | undefined {
  if (call.callee < 0) return undefined;
  const entity = view.entity(call);
  const callee = view.file.place(call.callee);
  const isOpen = entity === undefined && callee.root === "global" && callee.path.length === 0;
  if (entity?.kind === "external" || (isOpen && callee.name === "open")) {
    const path = call.args[0] === undefined ? undefined : argumentText(view, call, call.args[0]);
    const name = entity?.kind === "external" ? entity.name.replace(/^(io|builtins)\.open$/, "open") : "open";
    return path === undefined ? undefined : { name, path, isMethod: false };
  }
  // A method of a class of the program is no Path.
  if (view.callee(call) !== undefined || callee.path.length === 0) return undefined;
  const name = callee.path.at(-1)!;
  const path = placeText(callee.root, callee.owner, callee.name, callee.path.slice(0, -1));
  return path === undefined ? undefined : { name, path, isMethod: true };
}

function argumentText(view: FileView, call: Call, argument: Argument): string | undefined {
  if (argument.keyword !== "") return undefined;
  if (argument.literal !== "") return `:${argument.literal}`;
  if (argument.place >= 0) {
    const { root, owner, name, path } = view.file.place(argument.place);
    const text = placeText(root, owner, name, path);
    if (text !== undefined) return text;
  }
  // `os.path.exists(os.path.join(folder, name))`: the text of the argument, as the call's access has it.
  const access = view.file.facts.accesses.find(
    (a) => a.op === "method" && a.start === call.start && a.end === call.end,
  );
  return access === undefined || access.view === "" ? undefined : `:${access.view}`;
}

function placeText(root: string, owner: number, name: string, path: readonly string[]): string | undefined {
  if (path.includes("[]")) return undefined;
  if (root === "self") return path.length === 0 ? undefined : `s${owner}:self.${path.join(".")}`;
  if (root !== "global" && root !== "local") return undefined;
  return `${root}${root === "local" ? owner : ""}:${[name, ...path].join(".")}`;
}

/** The test around the call that asks about the same path and found what the call expects. */
function testBefore(view: FileView, call: Call, act: Act): Call | undefined {
  for (const context of contextsAround(view, call)) {
    if (context.kind !== "test" || context.repeats) continue;
    for (const test of view.file.facts.calls) {
      if (test.start < context.start || test.end > context.start + context.detail.length) continue;
      const asked = pathAndName(view, test);
      if (asked === undefined || asked.path !== act.path) continue;
      if (!(asked.isMethod ? pathTests : tests).test(asked.name)) continue;
      const found = isFound(context, test);
      if (found !== undefined && found === (act.expects === "something")) return test;
    }
  }
  return undefined;
}

/** Whether the path was there when control came here; undefined when the condition does not say. */
function isFound(context: Context, test: Call): boolean | undefined {
  const condition = context.detail;
  if (context.holds ? /\bor\b/.test(condition) : /\band\b/.test(condition)) return undefined;
  const isNegated = /\bnot\s*\(?\s*$/.test(condition.slice(0, test.start - context.start));
  return context.holds !== isNegated;
}

/** Whether the error that a lost race gives is caught, or ignored by `contextlib.suppress`. */
function isHandled(view: FileView, call: Call, expects: Act["expects"]): boolean {
  const error = expects === "nothing" ? "FileExistsError" : "FileNotFoundError";
  const general = [error, "OSError", "IOError", "EnvironmentError", "Exception", "BaseException"];
  for (const { kind, detail, place } of contextsAround(view, call)) {
    if (kind === "caught" && detail.split(",").some((name) => general.includes(name))) return true;
    if (kind !== "lock" || place < 0) continue;
    const { root, owner } = view.file.place(place);
    const manager = root === "call" ? view.file.place(owner) : undefined;
    if (manager !== undefined && (manager.path.at(-1) ?? manager.name) === "suppress") return true;
  }
  return false;
}

function* contextsAround(view: FileView, call: Call): Iterable<Context> {
  const { contexts } = view.file.facts;
  for (let at = call.context; at !== 0; at = contexts[at]!.parent) yield contexts[at]!;
}

function hasOption(call: Call, keyword: string): boolean {
  return call.args.some((a) => a.keyword === keyword && a.literal !== "False");
}

function evidenceOf(view: FileView, fn: number): Evidence {
  return view.program.concurrency.isReached(keyOf(view.file, fn)) ? "likely" : "exposed";
}
