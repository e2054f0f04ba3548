// How threads come into a program: which calls, base classes and decorators make a function run in a thread
// of its own, and whether several such threads can run it at once.
import type { Argument, Call, Place } from "../facts/facts.ts";
import { type FileNode, keyOf, type Ref } from "./fileNode.ts";
import {
  handlerBases,
  type Launcher,
  launchers,
  routeDecorators,
  submitting,
  threadBases,
  threadedServer,
  webFrameworks,
} from "./launchers.ts";
import type { Resolver } from "./resolve.ts";

export interface ThreadEntry {
  readonly fn: Ref;
  /** Several threads may run it at the same time. */
  readonly parallel: boolean;
  /**
   * Whose object `self` is in those threads: `shared` by all of them; the thread's `own`, which its creator knows
   * too (a Thread subclass); `private` to the thread, such as a request handler.
   */
  readonly receiver: "shared" | "own" | "private";
  /** Classes of the objects handed over as arguments. */
  readonly given: readonly Ref[];
  /** Where the thread is started, for the trace. */
  readonly file: FileNode;
  readonly start: number;
  readonly end: number;
  /** "a thread", "a pool thread", "a request thread": what the message calls it. */
  readonly label: string;
  /** The function that starts it, -1 when a base class or a decorator decides. */
  readonly starter: number;
}

export class ThreadEntryFinder {
  constructor(private readonly resolver: Resolver) {}

  /** All entries that one file brings in. */
  find(file: FileNode): ThreadEntry[] {
    return [...this.fromCalls(file), ...this.fromClasses(file), ...this.fromDecorators(file)];
  }

  private fromCalls(file: FileNode): ThreadEntry[] {
    const entries: ThreadEntry[] = [];
    /** How often a function is given to threads of its own; tasks of a pool are the pool's to count. */
    const threads = new Map<number, number>();
    for (const call of file.facts.calls) {
      const launcher = call.callee < 0 || call.args.length === 0 ? undefined : this.launcherOf(file, call);
      if (launcher === undefined) continue;
      const positional = call.args.filter((a) => a.keyword === "");
      const argument =
        call.args.find((a) => a.keyword !== "" && a.keyword === launcher.keyword) ??
        positional[launcher.position];
      for (const { fn, receiver } of argument === undefined ? [] : this.callables(file, argument)) {
        const key = keyOf(fn.file, fn.index);
        const times = (threads.get(key) ?? 0) + (launcher.parallel ? 0 : 1);
        threads.set(key, times);
        entries.push({
          fn,
          parallel: launcher.parallel ? !this.isSingleWorker(file, call) : call.inLoop || times > 1,
          receiver,
          given: this.given(file, call),
          file,
          start: call.start,
          end: call.end,
          label: launcher.label,
          starter: call.fn,
        });
      }
    }
    return entries.map((e) =>
      (threads.get(keyOf(e.fn.file, e.fn.index)) ?? 0) > 1 ? { ...e, parallel: true } : e,
    );
  }

  private given(file: FileNode, call: Call): Ref[] {
    const places = call.args.flatMap((a) => [a.place, ...a.elements]).filter((place) => place >= 0);
    return places.flatMap((place) => this.resolver.holding(file, file.place(place))?.classes ?? []);
  }

  private launcherOf(file: FileNode, call: Call): Launcher | undefined {
    const callee = file.place(call.callee);
    const method = callee.path.at(-1);
    if (method !== undefined && Object.hasOwn(submitting, method) && this.isThreadPool(file, call, method)) {
      return submitting[method];
    }
    if (method === undefined && callee.root !== "global" && callee.root !== "local") return undefined;
    const entity = this.resolver.path(file, callee);
    if (entity?.kind === "external" && Object.hasOwn(launchers, entity.name)) return launchers[entity.name];
    // A subclass of Thread without a run of its own, constructed with target=.
    if (entity?.kind === "class" && call.args.some((a) => a.keyword === "target")) {
      const isThread = this.resolver.externalBases(entity.ref).some((b) => threadBases.test(b));
      return isThread ? launchers["threading.Thread"] : undefined;
    }
    return undefined;
  }

  /** Whether the receiver of `submit`, `map`, … is made of threads; unknown receivers are judged by their name. */
  private isThreadPool(file: FileNode, call: Call, method: string): boolean {
    const callee = file.place(call.callee);
    const receiver = { ...callee, path: callee.path.slice(0, -1) };
    if (method === "add_done_callback") return this.isPoolFuture(file, receiver);
    if (method === "run_in_executor") {
      const executor = call.args[0];
      const held =
        executor === undefined || executor.place < 0
          ? undefined
          : this.resolver.holding(file, file.place(executor.place));
      return held === undefined || !held.kinds.has("process-pool");
    }
    if (receiver.root === "call") {
      const made = this.resolver.path(file, file.place(receiver.owner));
      return made?.kind === "external" && /ThreadPool/.test(made.name);
    }
    const held = this.resolver.holding(file, receiver);
    if (held?.kinds.has("process-pool")) return false;
    if (held?.kinds.has("executor")) return true;
    if (method !== "submit") return false;
    const name = receiver.path.at(-1) ?? receiver.name;
    return /executor|thread_?pool|^pool$|_pool$/i.test(name) && !/process/i.test(name);
  }

  /** A future that `submit` returned; asyncio's futures call back on their loop instead. */
  private isPoolFuture(file: FileNode, receiver: Place): boolean {
    const isSubmit = (place: number) => place >= 0 && file.place(place).path.at(-1) === "submit";
    if (receiver.root === "call") return isSubmit(receiver.owner);
    if (receiver.root !== "local" || receiver.path.length > 0) return false;
    return file
      .bindingsOf("local", receiver.owner, receiver.name)
      .some((b) => b.value === "call" && isSubmit(b.source));
  }

  private isSingleWorker(file: FileNode, call: Call): boolean {
    const callee = file.place(call.callee);
    const receiver = { ...callee, path: callee.path.slice(0, -1) };
    return file.facts.calls.some((made) => {
      if (made.result < 0) return false;
      const target = file.place(made.result);
      if (target.root !== receiver.root || target.name !== receiver.name || target.owner !== receiver.owner)
        return false;
      if (target.path.join(".") !== receiver.path.join(".")) return false;
      const workers =
        made.args.find((a) => a.keyword === "max_workers" || a.keyword === "processes") ?? made.args[0];
      return workers?.literal === "1";
    });
  }

  /** The functions an argument stands for: names, bound methods, lambdas, partials. */
  private callables(file: FileNode, argument: Argument): { fn: Ref; receiver: ThreadEntry["receiver"] }[] {
    if (argument.lambda >= 0) return [{ fn: { file, index: argument.lambda }, receiver: "shared" }];
    if (argument.call >= 0) {
      const made = file.facts.calls[argument.call]!;
      const callee = made.callee < 0 ? undefined : this.resolver.path(file, file.place(made.callee));
      if (callee?.kind === "external" && callee.name === "functools.partial" && made.args[0] !== undefined) {
        return this.callables(file, made.args[0]);
      }
      return [];
    }
    if (argument.place < 0) return [];
    const place = file.place(argument.place);
    // `ctx.run` with the callable behind it is handled by the caller's next argument.
    const entity = this.resolver.path(file, place);
    if (entity?.kind === "function") return [{ fn: entity.ref, receiver: "shared" }];
    if (entity?.kind === "method") {
      const shared = place.root === "self" || place.root === "global" || place.root === "class";
      return [{ fn: entity.ref, receiver: shared ? "shared" : "own" }];
    }
    if (entity?.kind === "class") {
      const call = this.resolver.method(entity.ref, "__init__");
      return call === undefined ? [] : [{ fn: call, receiver: "private" }];
    }
    const held = this.resolver.holding(file, place)?.classes[0];
    const call = held === undefined ? undefined : this.resolver.method(held, "__call__");
    return call === undefined ? [] : [{ fn: call, receiver: "shared" }];
  }

  private fromClasses(file: FileNode): ThreadEntry[] {
    const entries: ThreadEntry[] = [];
    const usesThreadedServer =
      file.facts.imports.some((i) => threadedServer.test(i.name)) ||
      /Threading/.test(
        file.facts.classes
          .flatMap((c) =>
            c.bases.map((b) => (b < 0 ? "" : file.place(b).name + file.place(b).path.join("."))),
          )
          .join(" "),
      );
    const startsThreadedServer =
      usesThreadedServer ||
      file.facts.calls.some(
        (c) => c.callee >= 0 && threadedServer.test(file.place(c.callee).path.at(-1) ?? ""),
      );
    file.facts.classes.forEach((cls, index) => {
      const ref = { file, index };
      if (cls.bases.length === 0) return;
      const bases = this.resolver.externalBases(ref);
      const entry = (method: string, parallel: boolean, label: string, receiver: "own" | "private") => {
        const own = file.methods[index]!.get(method);
        if (own === undefined) return;
        entries.push({
          fn: { file, index: own },
          parallel,
          receiver,
          given: [],
          file,
          start: cls.nameStart,
          end: cls.nameEnd,
          label,
          starter: -1,
        });
      };
      if (bases.some((b) => threadBases.test(b)))
        entry("run", this.isMadeSeveralTimes(file, cls.name), "a thread of its own", "own");
      if (startsThreadedServer && bases.some((b) => handlerBases.test(b))) {
        for (const method of file.methods[index]!.keys()) {
          if (/^(handle|setup|finish|do_[A-Z]+)$/.test(method))
            entry(method, true, "a request thread", "private");
        }
      }
    });
    return entries;
  }

  private isMadeSeveralTimes(file: FileNode, name: string): boolean {
    const made = file.facts.calls.filter(
      (c) => c.callee >= 0 && file.place(c.callee).name === name && file.place(c.callee).path.length === 0,
    );
    return made.length > 1 || made.some((c) => c.inLoop);
  }

  /** Request handlers of frameworks that answer each request in a thread of its own. */
  private fromDecorators(file: FileNode): ThreadEntry[] {
    const framework = file.facts.imports.find((i) => webFrameworks.has(i.module.split(".")[0]!));
    if (framework === undefined) return [];
    const entries: ThreadEntry[] = [];
    file.facts.functions.forEach((fn, index) => {
      if (fn.isAsync) return;
      const isRoute = fn.decorators.some(
        (d) => d >= 0 && routeDecorators.test(file.place(d).path.at(-1) ?? ""),
      );
      if (!isRoute) return;
      entries.push({
        fn: { file, index },
        parallel: true,
        receiver: "private",
        given: [],
        file,
        start: fn.nameStart,
        end: fn.nameEnd,
        label: "a request thread",
        starter: -1,
      });
    });
    return entries;
  }
}
