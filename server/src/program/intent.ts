// What the code shows of its author's intent: classes and modules that take locks or start threads are meant
// to be shared, and code that only import or constructors run is not.
import type { CallSite } from "./callGraph.ts";
import { type FileNode, isUnderMain, keyOf, type Ref } from "./fileNode.ts";
import type { Location, Site } from "./locations.ts";
import { isConstructor } from "./locksets.ts";
import type { Program } from "./program.ts";
import { mutualExclusion } from "./types.ts";

export class Intent {
  private readonly classes = new Map<number, boolean>();
  private readonly confined = new Map<number, boolean>();
  private readonly modules = new Map<FileNode, boolean>();
  private readonly importOnly = new Map<number, boolean>();
  private readonly topLevelOnly = new Map<number, boolean>();
  private readonly constructorOnly = new Map<number, boolean>();

  constructor(private readonly program: Program) {}

  /** Whether the code shows that it expects several threads at this location. */
  isShared(location: Location, site: Site): boolean {
    switch (location.kind) {
      case "instance":
      case "class":
        return location.cls !== undefined && this.isThreadedClass(location.cls);
      case "global":
      case "function":
      case "default":
        return this.isThreadedModule(location.file) || this.isThreadedModule(site.file);
      case "closure":
        return this.isThreadedClosure(location);
    }
  }

  /** Whether a module variable or a class attribute holds an object of the location's class. */
  isHeldGlobally(location: Location): boolean {
    if (location.cls === undefined) return false;
    return this.program.globalInstances.has(keyOf(location.cls.file, location.cls.index));
  }

  /** A class that says it is not for threads, or whose methods run on an event loop. */
  isConfined(cls: Ref): boolean {
    const key = keyOf(cls.file, cls.index);
    let known = this.confined.get(key);
    if (known === undefined) {
      known = this.findConfined(cls);
      this.confined.set(key, known);
    }
    return known;
  }

  private findConfined(cls: Ref): boolean {
    const { resolver } = this.program;
    const names = resolver.lineage(cls).map(({ file, index }) => file.facts.classes[index]!.name);
    if (
      [...names, ...resolver.externalBases(cls)].some((name) =>
        /(EventLoop|IOLoop|Protocol|Transport)$/.test(name),
      )
    )
      return true;
    if (this.isThreadedClass(cls)) return false;
    return this.program.resolver.lineage(cls).some(({ file, index }) => {
      if (file.facts.classes[index]!.documentedUnsafe) return true;
      return [...file.methods[index]!.values()].some((method) => file.facts.functions[method]!.isAsync);
    });
  }

  /** A class that owns a lock and takes it, or one of whose methods a thread runs. */
  isThreadedClass(cls: Ref): boolean {
    const key = keyOf(cls.file, cls.index);
    let known = this.classes.get(key);
    if (known === undefined) {
      known = this.program.resolver.lineage(cls).some((ref) => this.takesOwnLock(ref) || this.hasEntry(ref));
      this.classes.set(key, known);
    }
    return known;
  }

  private takesOwnLock(cls: Ref): boolean {
    const { facts } = cls.file;
    return facts.contexts.some((context) => {
      if (context.kind !== "lock" || context.detail === "async") return false;
      const place = cls.file.place(context.place);
      if ((place.root !== "self" && place.root !== "class") || place.owner !== cls.index) return false;
      return this.program.locksets.identity(cls.file, place) !== undefined;
    });
  }

  private hasEntry(cls: Ref): boolean {
    for (const method of cls.file.methods[cls.index]!.values()) {
      const key = keyOf(cls.file, method);
      if (this.program.concurrency.isEntry(key) && !this.isPrivateEntry(key)) return true;
    }
    return false;
  }

  /** A request handler: each thread makes an object of its own. */
  private isPrivateEntry(fn: number): boolean {
    const { entries } = this.program.concurrency;
    return entries.every((e) => keyOf(e.fn.file, e.fn.index) !== fn || e.receiver === "private");
  }

  /** Whether objects of one class keep an object of the other in an attribute. */
  keeps(owner: Ref, kept: Ref): boolean {
    return this.program.resolver.lineage(owner).some((ref) =>
      ref.file.facts.bindings.some((binding) => {
        const place = ref.file.place(binding.place);
        if (place.root !== "self" || place.owner !== ref.index || place.path.length !== 1) return false;
        const held = this.program.resolver.attribute(ref, place.path[0]!).classes;
        return held.some((cls) =>
          this.program.resolver.lineage(cls).some((c) => c.file === kept.file && c.index === kept.index),
        );
      }),
    );
  }

  /** A module that takes a lock of its own, keeps thread-local state, or whose functions threads run. */
  isThreadedModule(file: FileNode): boolean {
    let known = this.modules.get(file);
    if (known === undefined) {
      known =
        this.usesModuleLock(file) ||
        file.facts.functions.some(
          (_, index) => index !== 0 && this.program.concurrency.isEntry(keyOf(file, index)),
        );
      this.modules.set(file, known);
    }
    return known;
  }

  private usesModuleLock(file: FileNode): boolean {
    for (const context of file.facts.contexts) {
      if (context.kind !== "lock" || context.detail === "async") continue;
      const place = file.place(context.place);
      if (place.root === "global" && this.program.locksets.identity(file, place) !== undefined) return true;
    }
    for (const name of file.globals) {
      const { kinds } = this.program.resolver.variable(file, name);
      if (kinds.has("thread-local") || [...kinds].some((kind) => mutualExclusion.has(kind))) return true;
    }
    return false;
  }

  /** Inner functions that take a lock captured with the variable share it between threads. */
  private isThreadedClosure(location: Location): boolean {
    const { facts } = location.file;
    return facts.contexts.some((context) => {
      if (context.kind !== "lock" || context.detail === "async") return false;
      const place = location.file.place(context.place);
      if (place.root !== "local" || place.owner !== location.fn) return false;
      return this.program.locksets.identity(location.file, place) !== undefined;
    });
  }

  /** A function that only the module's top level calls runs once, under the import lock. */
  runsOnlyAtImport(fn: Ref): boolean {
    return this.runsOnlyFrom(
      fn,
      this.importOnly,
      ({ file, call }) =>
        call.fn === 0 && !isUnderMain(file, call.context) && !this.isBehindStart(file, call.start),
    );
  }

  /** A function that only a script's own top level calls, main guard or not: no library that others call. */
  runsOnlyFromTopLevel(fn: Ref): boolean {
    return this.runsOnlyFrom(fn, this.topLevelOnly, ({ call }) => call.fn === 0);
  }

  /** A private helper that only constructors call works on an object nobody else knows. */
  runsOnlyInConstructor(fn: Ref): boolean {
    const { name } = fn.file.facts.functions[fn.index]!;
    if (!name.startsWith("_")) return false;
    return this.runsOnlyFrom(fn, this.constructorOnly, ({ file, call }) =>
      isConstructor(file.facts.functions[call.fn]!.name),
    );
  }

  /** Module code behind the first thread start meets that thread. */
  isBehindStart(file: FileNode, offset: number): boolean {
    return this.program.concurrency.entries.some(
      (e) => e.file === file && e.starter === 0 && e.end <= offset,
    );
  }

  private isEntry(file: FileNode, fn: number): boolean {
    return this.program.concurrency.isEntry(keyOf(file, fn));
  }

  private runsOnlyFrom(fn: Ref, memo: Map<number, boolean>, isOrigin: (site: CallSite) => boolean): boolean {
    const key = keyOf(fn.file, fn.index);
    const known = memo.get(key);
    if (known !== undefined) return known;
    memo.set(key, false); // a cycle of callers proves nothing
    const sites = this.program.callGraph.callersOf(key);
    const isOwnCall = ({ file, call }: CallSite) => file === fn.file && call.fn === fn.index;
    const result =
      sites.length > 0 &&
      !this.isEntry(fn.file, fn.index) &&
      sites.some((site) => !isOwnCall(site)) &&
      sites.every(
        (site) =>
          isOrigin(site) ||
          isOwnCall(site) ||
          this.runsOnlyFrom({ file: site.file, index: site.call.fn }, memo, isOrigin),
      );
    memo.set(key, result);
    return result;
  }
}
