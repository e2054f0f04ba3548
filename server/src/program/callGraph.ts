// Who calls whom, and from which place under which locks.
import type { Call } from "../facts/facts.ts";
import { type FileNode, keyOf, type Ref } from "./fileNode.ts";
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
    for (const call of file.facts.calls) {
      const callee = call.callee < 0 ? undefined : this.target(file, call);
      if (callee === undefined) continue;
      const to = keyOf(callee.file, callee.index);
      const from = keyOf(file, call.fn);
      const site = { file, call };
      append(this.callers, to, site);
      append(this.callees, from, { fn: callee, site });
      targets.add(to);
      sources.add(from);
      edges.push(`${from}>${to}`);
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

  private target(file: FileNode, call: Call): Ref | undefined {
    const place = file.place(call.callee);
    if (place.root === "call" || place.root === "other") return undefined;
    const entity = this.resolver.path(file, place);
    switch (entity?.kind) {
      case "function":
      case "method":
        return entity.ref;
      case "class":
        return this.resolver.method(entity.ref, "__init__");
      default:
        return undefined;
    }
  }
}

function append<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
