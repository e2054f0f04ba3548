// The linked program: all files' summaries joined into locations, a call graph and threads. An edit that
// leaves a file's interface alone relinks that file only.
import type { Access, FileFacts } from "../facts/facts.ts";
import { Annotations } from "./annotations.ts";
import { CallGraph } from "./callGraph.ts";
import { Concurrency } from "./concurrency.ts";
import { FileNode, keyOf } from "./fileNode.ts";
import { interfaceOf } from "./interface.ts";
import { type Location, Locations } from "./locations.ts";
import { LockOrder } from "./lockOrder.ts";
import { Locksets } from "./locksets.ts";
import { ModuleIndex } from "./modules.ts";
import { Resolver } from "./resolve.ts";
import { type ThreadEntry, ThreadEntryFinder } from "./threadEntries.ts";

export class Program {
  readonly files = new Map<string, FileNode>();
  private readonly modules = new ModuleIndex();
  private readonly interfaces = new Map<number, string>();
  private nextId = 1;
  private dirty = new Set<FileNode>();
  private everythingDirty = true;

  resolver!: Resolver;
  locations!: Locations;
  private graph!: CallGraph;
  private finder!: ThreadEntryFinder;
  private readonly entriesByFile = new Map<number, ThreadEntry[]>();
  /** Paths of the files that each file imports. */
  private readonly dependencies = new Map<number, ReadonlySet<string>>();
  private readonly placeLocations = new Map<number, (Location | null)[]>();
  private locksetsCache: Locksets | undefined;
  private annotationsCache: Annotations | undefined;
  private lockOrderCache: LockOrder | undefined;
  private concurrencyCache: Concurrency | undefined;
  private concurrencyVersion = -1;
  private entriesSignature = "";
  private concurrencyIsCurrent = false;
  private globalInstancesCache: Set<number> | undefined;

  update(path: string, facts: FileFacts): void {
    const known = this.files.get(path);
    if (known === undefined) {
      const file = new FileNode(this.nextId, path, facts);
      this.nextId += 1;
      this.files.set(path, file);
      this.modules.add(path);
      this.interfaces.set(file.id, interfaceOf(facts));
      this.everythingDirty = true;
      return;
    }
    if (this.everythingDirty) {
      known.load(facts);
      this.interfaces.set(known.id, interfaceOf(facts));
      return;
    }
    const before = this.interfaces.get(known.id);
    const after = interfaceOf(facts);
    this.unlink(known);
    known.load(facts);
    this.interfaces.set(known.id, after);
    this.dirty.add(known);
    const affected = this.withDependents(known);
    // Which lock a `with` takes may be decided in the body of another file's context manager.
    this.locksetsCache?.forget(affected);
    if (before !== after) this.touchDependents(affected);
  }

  /** A changed interface concerns the file itself and all that import it. */
  private touchDependents(affected: readonly FileNode[]): void {
    for (const file of affected) {
      this.unlink(file);
      this.dirty.add(file);
      this.resolver.forget(file);
    }
    this.locations.forget(new Set(affected));
    this.globalInstancesCache = undefined;
  }

  /** The file and all that import it, however indirectly. */
  private withDependents(changed: FileNode): FileNode[] {
    const affected = new Set([changed]);
    for (const file of affected) {
      for (const other of this.files.values()) {
        if (this.dependencies.get(other.id)?.has(file.path)) affected.add(other);
      }
    }
    return [...affected];
  }

  remove(path: string): void {
    const file = this.files.get(path);
    if (file === undefined) return;
    this.files.delete(path);
    this.modules.remove(path);
    this.interfaces.delete(file.id);
    this.everythingDirty = true;
  }

  /** Brings all tables up to date with the files. */
  link(): void {
    if (this.everythingDirty) {
      this.resolver = new Resolver(this.files, this.modules);
      this.locations = new Locations(this.resolver);
      this.graph = new CallGraph(this.resolver);
      this.finder = new ThreadEntryFinder(this.resolver);
      this.entriesByFile.clear();
      this.placeLocations.clear();
      this.concurrencyCache = undefined;
      this.globalInstancesCache = undefined;
      this.locksetsCache = undefined;
      for (const file of this.files.values()) this.linkFile(file);
    } else {
      for (const file of this.dirty) {
        this.resolver.forgetLocals(file);
        this.linkFile(file);
      }
    }
    if (this.everythingDirty || this.dirty.size > 0) {
      this.annotationsCache = undefined;
      this.lockOrderCache = undefined;
      this.concurrencyIsCurrent = false;
    }
    this.everythingDirty = false;
    this.dirty.clear();
  }

  private linkFile(file: FileNode): void {
    this.dependencies.set(file.id, this.importedPaths(file));
    this.graph.link(file);
    this.entriesByFile.set(file.id, this.finder.find(file));
    const table: (Location | null)[] = [];
    this.placeLocations.set(file.id, table);
    file.facts.accesses.forEach((access, index) => {
      const location = this.locationOf(file, access);
      if (location === undefined) return;
      location.sites.push({ file, access: index });
    });
  }

  private importedPaths(file: FileNode): Set<string> {
    const paths = new Set<string>();
    for (const { module, name, level } of file.facts.imports) {
      const below = module === "" ? name : `${module}.${name}`;
      for (const target of [module, below]) {
        const found = this.modules.find(file.path, target, level);
        if (found !== undefined) paths.add(found);
      }
    }
    return paths;
  }

  private unlink(file: FileNode): void {
    for (const location of this.placeLocations.get(file.id) ?? []) {
      if (location !== null && location !== undefined)
        location.sites = location.sites.filter((s) => s.file !== file);
    }
    this.placeLocations.delete(file.id);
  }

  /** The location that an access touches, if it is one that threads can share. */
  locationOf(file: FileNode, access: Access): Location | undefined {
    const table = this.placeLocations.get(file.id)!;
    let location = table[access.place];
    if (location === undefined) {
      location = this.locations.of(file, file.place(access.place)) ?? null;
      table[access.place] = location;
    }
    return location ?? undefined;
  }

  get locksets(): Locksets {
    this.locksetsCache ??= new Locksets(
      this.resolver,
      this.locations,
      this.graph,
      (fn) => this.concurrency.isEntry(fn),
      (fn) => this.annotations.heldBy(fn).map((lock) => lock.key),
    );
    return this.locksetsCache;
  }

  /** What comments declare of locks and threads. */
  get annotations(): Annotations {
    this.annotationsCache ??= new Annotations(this);
    return this.annotationsCache;
  }

  /** In which orders locks are taken; made when first asked for, from all files. */
  get lockOrder(): LockOrder {
    this.lockOrderCache ??= new LockOrder(this);
    return this.lockOrderCache;
  }

  /** Classes of which a module variable holds an object, and their bases. */
  get globalInstances(): ReadonlySet<number> {
    this.globalInstancesCache ??= this.collectGlobalInstances();
    return this.globalInstancesCache;
  }

  private collectGlobalInstances(): Set<number> {
    const found = new Set<number>();
    const { resolver, files } = this;
    for (const file of files.values()) {
      for (const name of file.globals) {
        for (const cls of resolver.variable(file, name).classes) {
          for (const above of resolver.lineage(cls)) found.add(keyOf(above.file, above.index));
        }
      }
    }
    return found;
  }

  get callGraph(): CallGraph {
    return this.graph;
  }

  get concurrency(): Concurrency {
    if (this.concurrencyIsCurrent) return this.concurrencyCache!;
    const entries = [...this.entriesByFile.values()].flat();
    const signature = entries.map((e) => `${e.file.id}:${e.fn.file.id}:${e.fn.index}:${e.parallel}`).join();
    if (
      this.concurrencyCache === undefined ||
      this.concurrencyVersion !== this.graph.version ||
      this.entriesSignature !== signature
    ) {
      this.concurrencyVersion = this.graph.version;
      this.entriesSignature = signature;
      this.concurrencyCache = new Concurrency(this.graph, entries, this.files.values());
    }
    this.concurrencyIsCurrent = true;
    return this.concurrencyCache;
  }
}
