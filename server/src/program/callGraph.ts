// Who calls whom, and from which place under which locks.
import type { Access, Call } from "../facts/facts.ts";
import { chosenCallees, lookedUpMethods } from "./dispatch.ts";
import { type FileNode, keyOf, type Ref } from "./fileNode.ts";
import { append } from "./multimap.ts";
import type { Resolver } from "./resolve.ts";

export interface CallSite {
  readonly file: FileNode;
  readonly call: Call;
}

export class CallGraph {
  private readonly callers = new Map<number, CallSite[]>();
  private readonly callees = new Map<number, { fn: Ref; site: CallSite }[]>();
  private readonly keysByFile = new Map<number, { targets: Set<number>; sources: Set<number> }>();
  private readonly signatures = new Map<number, string>();
  /** Grows whenever an edge appears or goes, and not when calls merely move. */
  version = 0;

  constructor(private readonly resolver: Resolver) {}

  /** Replaces the edges that start in this file. */
  link(file: FileNode): void {
    this.unlink(file);
    const targets = new Set<number>();
    const sources = new Set<number>();
    const edges: string[] = [];
    const add = (call: Call, callee: Ref) => {
      const to = keyOf(callee.file, callee.index);
      const from = keyOf(file, call.fn);
      const site = { file, call };
      append(this.callers, to, site);
      append(this.callees, from, { fn: callee, site });
      targets.add(to);
      sources.add(from);
      edges.push(`${from}>${to}`);
    };
    for (const call of file.facts.calls) {
      for (const callee of call.callee < 0 ? [] : this.targets(file, call)) add(call, callee);
    }
    for (const { call, fn } of lookedUpMethods(file)) add(call, fn);
    for (const { call, place } of chosenCallees(file)) {
      for (const callee of this.targets(file, { ...call, callee: place })) add(call, callee);
    }
    for (const access of file.facts.accesses) {
      const getter = this.getter(file, access);
      if (getter !== undefined) add(asCall(access), getter);
    }
    this.keysByFile.set(file.id, { targets, sources });
    const signature = edges.join();
    if (this.signatures.get(file.id) !== signature) {
      this.signatures.set(file.id, signature);
      this.version += 1;
    }
  }

  unlink(file: FileNode): void {
    const known = this.keysByFile.get(file.id);
    if (known === undefined) return;
    for (const key of known.targets) {
      const left = this.callers.get(key)!.filter((site) => site.file !== file);
      if (left.length > 0) this.callers.set(key, left);
      else this.callers.delete(key);
    }
    for (const key of known.sources) this.callees.delete(key);
    this.keysByFile.delete(file.id);
  }

  callersOf(fn: number): readonly CallSite[] {
    return this.callers.get(fn) ?? [];
  }

  calleesOf(fn: number): readonly { fn: Ref; site: CallSite }[] {
    return this.callees.get(fn) ?? [];
  }

  private targets(file: FileNode, call: Call): readonly Ref[] {
    const place = file.place(call.callee);
    if (place.root === "call" || place.root === "other") return [];
    const entity = this.resolver.path(file, place);
    switch (entity?.kind) {
      case "function":
      case "method":
        return [entity.ref];
      case "class":
        return [
          this.resolver.method(entity.ref, "__new__"),
          this.resolver.method(entity.ref, "__init__"),
        ].filter((ref): ref is Ref => ref !== undefined);
      default:
        return [];
    }
  }

  /** The function behind `self.name` when that is a property. */
  private getter(file: FileNode, access: Access): Ref | undefined {
    const { root, owner, path } = file.place(access.place);
    if (root !== "self" || path.length === 0 || (path.length === 1 && access.op === "rebind"))
      return undefined;
    const ref = this.resolver.method({ file, index: owner }, path[0]!);
    if (ref === undefined) return undefined;
    const { decorators } = ref.file.facts.functions[ref.index]!;
    const isProperty = decorators.some((d) => {
      if (d < 0) return false;
      const place = ref.file.place(d);
      return /property$/.test(place.path.at(-1) ?? place.name);
    });
    return isProperty ? ref : undefined;
  }
}

function asCall(access: Access): Call {
  const { place, fn, context, start, end } = access;
  return {
    callee: place,
    fn,
    context,
    start,
    end,
    args: [],
    result: -1,
    managed: false,
    inLoop: false,
    discarded: false,
  };
}
