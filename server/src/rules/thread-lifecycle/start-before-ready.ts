// I1: a constructor starts a thread and goes on setting the attributes that the thread reads.
import type { Binding, Call } from "../../facts/facts.ts";
import { type FileNode, keyOf, type Ref } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";
import { areExclusive } from "../shapes/branches.ts";

/** How deep the thread's calls and the constructor's helpers are followed. */
const deepestCall = 4;

export default defineFileRule(
  {
    name: "start-before-ready",
    summary: "A constructor starts a thread before it has set the attributes that the thread reads.",
    family: "thread lifecycle",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const { file } = view;
    for (const [index, methods] of file.methods.entries()) {
      const init = methods.get("__init__");
      if (init === undefined) continue;
      const cls = { file, index };
      for (const call of constructorCalls(view, init)) {
        const run = startedBy(view, cls, { file, index: init }, call);
        const late = run === undefined ? undefined : firstLate(view, cls, init, call, run);
        if (late === undefined) continue;
        const { name, binding, read } = late;
        const target = run!.file.facts.functions[run!.index]!.qualifiedName;
        yield {
          start: call.start,
          end: call.end,
          fn: init,
          symbol: `self.${name}`,
          message: `The thread that is started here runs \`${target}\` at once, on an object that is not ready: \`self.${name}\` is set only afterwards, so whether the thread finds it is a matter of timing, and it raises AttributeError when it comes first. Set all attributes before the start.`,
          evidence: "proven",
          related: [
            {
              path: file.path,
              range: file.range(binding.start, binding.end),
              message: `\`self.${name}\` is set here, after the start`,
            },
            {
              path: read.file.path,
              range: read.file.range(read.start, read.end),
              message: "the thread reads it here",
            },
          ],
        };
        break;
      }
    }
  },
);

/** Calls of a constructor through which a thread may start, in order. */
function constructorCalls(view: FileView, init: number): Call[] {
  return view.program.callGraph
    .calleesOf(keyOf(view.file, init))
    .map(({ site }) => site.call)
    .concat(view.callsNamed("start").filter((call) => call.fn === init))
    .sort((a, b) => a.start - b.start);
}

/** The function of this object that a call in its constructor, or in a helper of it, starts a thread for. */
function startedBy(view: FileView, cls: Ref, fn: Ref, call: Call, depth = 0): Ref | undefined {
  const { resolver, concurrency, callGraph } = view.program;
  const { file } = fn;
  const callee = call.callee < 0 ? undefined : file.place(call.callee);
  if (callee === undefined) return undefined;
  if (callee.path.at(-1) === "start") {
    if (callee.root === "self" && callee.path.length === 1) {
      const isThread = resolver.externalBases(cls).some((base) => /(^|\.)(Thread|QThread)$/.test(base));
      return isThread ? resolver.method(cls, "run") : undefined;
    }
    // The thread made in this function with a bound method of the same object: chained, or bound to the same place.
    const written = [callee.name, ...callee.path.slice(0, -1)].join(".");
    return concurrency.entries.find(({ file: home, starter, fn: target, start, end }) => {
      if (home !== file || starter !== fn.index || !isMethodOf(view, cls, target)) return false;
      if (callee.root === "call") return start === call.start || (start >= call.start && end <= call.end);
      const made = file.facts.calls.find((c) => c.start === start && c.end === end);
      if (made === undefined || made.result < 0) return false;
      const place = file.place(made.result);
      return place.root === callee.root && [place.name, ...place.path].join(".") === written;
    })?.fn;
  }
  if (depth >= 2) return undefined;
  // `super().__init__()` and `self._start_worker()` start what they start for this object.
  if (callee.root !== "self" && callee.root !== "super") return undefined;
  for (const { fn: next, site } of callGraph.calleesOf(keyOf(file, fn.index))) {
    if (site.call !== call) continue;
    const inner = [
      ...callGraph.calleesOf(keyOf(next.file, next.index)).map((edge) => edge.site.call),
      ...next.file.facts.calls.filter(
        (c) => c.fn === next.index && c.callee >= 0 && next.file.place(c.callee).path.at(-1) === "start",
      ),
    ];
    for (const one of inner) {
      const run = startedBy(view, cls, next, one, depth + 1);
      if (run !== undefined) return overridden(view, cls, run);
    }
  }
  return undefined;
}

function isMethodOf(view: FileView, cls: Ref, fn: Ref): boolean {
  const { owner } = fn.file.facts.functions[fn.index]!;
  return view.program.resolver.lineage(cls).some((c) => c.file === fn.file && c.index === owner);
}

/** The method of the class itself that stands for a base's. */
function overridden(view: FileView, cls: Ref, fn: Ref): Ref {
  return view.program.resolver.method(cls, fn.file.facts.functions[fn.index]!.name) ?? fn;
}

interface Late {
  readonly name: string;
  readonly binding: Binding;
  readonly read: { readonly file: FileNode; readonly start: number; readonly end: number };
}

/** The first attribute that the constructor sets behind the start, nobody else before it, and that the thread reads. */
function firstLate(view: FileView, cls: Ref, init: number, start: Call, run: Ref): Late | undefined {
  const { file } = view;
  const { resolver } = view.program;
  const behind: { name: string; binding: Binding }[] = [];
  for (const binding of file.facts.bindings) {
    if (binding.fn !== init || binding.start < start.end || binding.value === "augmented") continue;
    const { root, path } = file.place(binding.place);
    if (root === "self" && path.length === 1) behind.push({ name: path[0]!, binding });
  }
  const late = new Set(behind.map(({ name }) => name));
  if (late.size === 0 || waitsForOthers(run, late)) return undefined;
  const running = methodsFrom(view, cls, run);
  const reads = readsOf(running);
  const setting = new Set([...running, ...methodsFrom(view, cls, { file, index: init })].map(keyOfRef));
  setting.delete(keyOf(file, init));
  for (const { name, binding } of behind) {
    const read = reads.get(name);
    if (read === undefined || isExclusive(view, start, binding)) continue;
    const isSetBefore = resolver.lineage(cls).some((ref) =>
      resolver.attributeBindings(ref, name).some((other) => {
        if (other.value === "annotation") return false;
        if (other.fn === 0) return true; // in the class body
        if (ref.file === file && other.fn === init) return other.start < start.start;
        return setting.has(keyOf(ref.file, other.fn));
      }),
    );
    if (!isSetBefore) return { name, binding, read };
  }
  return undefined;
}

/** A method and those of the same object that it calls, overrides taken into account. */
function methodsFrom(view: FileView, cls: Ref, start: Ref): Ref[] {
  const found = new Map<number, Ref>();
  const visit = (fn: Ref, depth: number) => {
    const key = keyOfRef(fn);
    if (depth > deepestCall || found.has(key) || !isMethodOf(view, cls, fn)) return;
    found.set(key, fn);
    for (const { fn: next } of view.program.callGraph.calleesOf(key)) {
      const isConstructor = next.file.facts.functions[next.index]!.name === "__init__";
      visit(isConstructor ? next : overridden(view, cls, next), depth + 1);
    }
  };
  visit(start, 0);
  return [...found.values()];
}

function keyOfRef({ file, index }: Ref): number {
  return keyOf(file, index);
}

/** Attributes of the object that these methods read without looking whether they are there. */
function readsOf(methods: readonly Ref[]): Map<string, Late["read"]> {
  const found = new Map<string, Late["read"]>();
  for (const { file, index } of methods) {
    for (const access of file.facts.accesses) {
      if (access.fn !== index || access.op === "rebind") continue;
      const { root, path } = file.place(access.place);
      if (root !== "self" || path.length === 0 || /^(has|get)attr$/.test(access.detail)) continue;
      if (isGuarded(file, access.context) || found.has(path[0]!)) continue;
      found.set(path[0]!, { file, start: access.start, end: access.end });
    }
  }
  return found;
}

function isGuarded(file: FileNode, context: number): boolean {
  for (let at = context; at !== 0; at = file.facts.contexts[at]!.parent) {
    const { kind, detail } = file.facts.contexts[at]!;
    if (kind === "lock" || (kind === "caught" && /AttributeError|Exception/.test(detail))) return true;
  }
  return false;
}

/** Whether the thread begins by waiting for something that is there already, until somebody lets it go on. */
function waitsForOthers({ file, index }: Ref, late: ReadonlySet<string>): boolean {
  const first = file.facts.calls.filter((call) => call.fn === index && call.callee >= 0).slice(0, 2);
  return first.some((call) => {
    const { path } = file.place(call.callee);
    return /^(wait|acquire|join)$/.test(path.at(-1) ?? "") && !late.has(path[0]!);
  });
}

/** Whether start and binding stand in different branches of one test. */
function isExclusive(view: FileView, start: Call, binding: Binding): boolean {
  const { accesses } = view.file.facts;
  const access = accesses.find((a) => a.op === "rebind" && a.start === binding.start && a.fn === binding.fn);
  return access !== undefined && areExclusive(view.file, start.context, access.context);
}
