// Whether code under a lock may come back for the same lock by a way that the call graph does not show: through an
// object of which nothing is known, a method that a subclass replaces, or a function that is handed the object itself.
import type { Binding, Call, Place } from "../../facts/facts.ts";
import { type FileNode, keyOf, type Ref } from "../../program/fileNode.ts";
import type { Program } from "../../program/program.ts";
import { isMutatingMethod } from "../../program/types.ts";
import { Bodies } from "./bodies.ts";
import { calledIn, type LockedRegion } from "./order.ts";

/** How many calls are followed into the program's own functions, at most. */
const deepestCall = 4;

/** Methods of built-in objects, files, loggers and dates, by whatever object they are called on. */
const ordinary = new Set(
  (
    "append appendleft extend extendleft insert pop popleft popitem remove discard add clear update get setdefault " +
    "keys values items copy count index sort reverse rotate union intersection difference most_common total " +
    "join split rsplit splitlines strip lstrip rstrip lower upper title capitalize casefold startswith endswith " +
    "replace format encode decode find rfind partition rpartition isdigit isalpha isalnum isspace isidentifier " +
    "removeprefix removesuffix translate zfill ljust rjust center hex to_bytes bit_length as_integer_ratio " +
    "match search fullmatch sub subn findall finditer group groups groupdict span " +
    "debug info warning error exception critical log isEnabledFor " +
    "acquire release locked notify notify_all set is_set put get_nowait put_nowait qsize empty full " +
    "read readline readlines write writelines seek tell flush fileno getvalue isatty " +
    "total_seconds timestamp isoformat strftime now today hexdigest digest exists is_file is_dir " +
    "random randint randrange choice uniform current_thread get_ident __getitem__ __contains__ __len__"
  ).split(" "),
);

/** Called to make an object, not to run somebody's code. */
const makesObjects = /(^|_)(cls|klass|class|type|model|constructor)_?$|^[A-Z]/;
const callbackName = /(^|_)(callbacks?|cb|hooks?|listeners?|handlers?|observers?|subscribers?|on)(_|$)/;

export class Reentry {
  private readonly bodies = new Bodies();
  /** What has been found out about whole functions, by how deep it was looked. */
  private readonly out = new Map<number, boolean>();
  private readonly below = new Map<string, readonly Ref[]>();

  constructor(private readonly program: Program) {}

  /** Whether code of the regions may get to one of them again, or lead to code of which that is not known. */
  comesBack(regions: readonly LockedRegion[]): boolean {
    return this.reachesAnother(regions) || regions.some((region) => this.mayComeBack(region));
  }

  /** Whether one thread may want the lock of the region again while it holds it, by ways that are not seen. */
  mayComeBack(region: LockedRegion): boolean {
    return this.isMarked(region) || this.leadsOut(region, deepestCall);
  }

  /** A call of a function that was handed in, as it is written; what it does, and takes, is not known here. */
  foreignCall(region: LockedRegion): string | undefined {
    for (const call of this.bodies.callsIn(region)) {
      const name = this.foreignName(region.file, call);
      if (name !== undefined) return name;
    }
    return undefined;
  }

  private foreignName(file: FileNode, call: Call): string | undefined {
    if (call.callee < 0) return undefined;
    const place = file.place(call.callee);
    const { root, name, path } = place;
    const [attribute, element] = path;
    const isPossible =
      (root === "local" && path.length === 0) || (root === "self" && attribute !== undefined);
    if (!isPossible || this.program.resolver.path(file, place) !== undefined) return undefined;
    if (root === "local") return makesObjects.test(name) ? undefined : name;
    if (makesObjects.test(attribute!)) return undefined;
    // A function that is kept in an attribute, or one of several.
    const isKept =
      path.length === 1
        ? this.program.resolver
            .attributeBindings({ file, index: place.owner }, attribute!)
            .some((binding) => !isMethodOfContainer(file, binding))
        : path.length === 2 && element === "[]" && callbackName.test(attribute!);
    return isKept ? `self.${attribute}` : undefined;
  }

  /** Whether code of one region calls, however indirectly, a function that one of them stands in. */
  private reachesAnother(regions: readonly LockedRegion[]): boolean {
    const { program } = this;
    const wanted = new Set(regions.map(({ file, fn }) => keyOf(file, fn)));
    const names = new Set(regions.map(({ file, fn }) => file.facts.functions[fn]!.name));
    return regions.some((region) => {
      if (this.usesByName(region, names)) return true;
      let level = calledIn(program, region).map(({ fn }) => fn);
      const seen = new Set(level.map(({ file, index }) => keyOf(file, index)));
      for (let depth = 0; depth <= deepestCall && level.length > 0; depth += 1) {
        if (level.some(({ file, index }) => wanted.has(keyOf(file, index)))) return true;
        if (level.some((fn) => this.usesByName(bodyOf(fn), names))) return true;
        const next: Ref[] = [];
        for (const from of level) {
          for (const { fn } of program.callGraph.calleesOf(keyOf(from.file, from.index))) {
            const key = keyOf(fn.file, fn.index);
            if (!seen.has(key)) next.push(fn);
            seen.add(key);
          }
        }
        level = next;
      }
      return false;
    });
  }

  /**
   * A call of a method of this name, or a look at a property of it, on an object that is not known: it may be of the
   * same kind, or the same.
   */
  private usesByName(region: LockedRegion, names: ReadonlySet<string>): boolean {
    const { file } = region;
    const isNamed = (index: number) => {
      const place = index < 0 ? undefined : file.place(index);
      const last = place?.path.at(-1);
      return last !== undefined && names.has(last) && this.program.resolver.path(file, place!) === undefined;
    };
    return (
      this.bodies.callsIn(region).some((call) => isNamed(call.callee)) ||
      this.bodies.accessesIn(region).some((access) => access.op !== "rebind" && isNamed(access.place))
    );
  }

  /** `if self._busy: return`, then set, then put back at the end: somebody has met the code coming back to itself. */
  private isMarked(region: LockedRegion): boolean {
    const accesses = this.bodies.accessesIn(region);
    return accesses.some((access) => {
      if (access.op !== "rebind" || !/^(bool|none|true|false)$/.test(access.detail)) return false;
      const within = region.file.facts.contexts[access.context]!;
      if (within.kind !== "finally" || within.start < region.start) return false;
      return accesses.some((other) => other.op === "read" && other.place === access.place);
    });
  }

  private leadsOut(region: LockedRegion, depth: number): boolean {
    const isOutBy = (call: Call) =>
      call.callee >= 0 &&
      (this.foreignName(region.file, call) !== undefined || this.leadsOutThrough(region.file, call, depth));
    return (
      this.bodies.callsIn(region).some(isOutBy) ||
      this.behindProperties(region).some((ref) => this.isOut(ref, depth))
    );
  }

  /** What runs where `self.value` is read or set, if that is a property: a setter may tell those who listen. */
  private behindProperties(region: LockedRegion): Ref[] {
    const found = new Map<number, Ref>();
    for (const { place } of this.bodies.accessesIn(region)) {
      const { root, owner, path } = region.file.place(place);
      const [name] = path;
      if (root !== "self" || name === undefined) continue;
      const method = this.program.resolver.method({ file: region.file, index: owner }, name);
      for (const ref of method === undefined ? [] : accessorsOf(method)) {
        found.set(keyOf(ref.file, ref.index), ref);
      }
    }
    return [...found.values()];
  }

  private leadsOutThrough(file: FileNode, call: Call, depth: number): boolean {
    const { program } = this;
    const { resolver } = program;
    const place = file.place(call.callee);
    const entity = resolver.path(file, place);
    switch (entity?.kind) {
      case "function":
        return this.isOut(entity.ref, depth);
      case "method": {
        const { name } = entity.ref.file.facts.functions[entity.ref.index]!;
        const replaced = place.root === "self" ? this.replacements(entity.receiver, name) : [];
        return [entity.ref, ...replaced].some((ref) => this.isOut(ref, depth));
      }
      case "class": {
        const init = resolver.method(entity.ref, "__init__");
        return init !== undefined && this.isOut(init, depth);
      }
      case "external":
        return isHandedTheObject(file, call);
      case "variable":
        return isUnknownCallable(program, entity);
      case undefined:
        return isUnknownMethod(program, file, place);
      default:
        return false;
    }
  }

  /** The same question for the body of a function of the program. */
  private isOut(fn: Ref, depth: number): boolean {
    if (depth === 0) return false;
    const key = keyOf(fn.file, fn.index) * (deepestCall + 1) + depth;
    let known = this.out.get(key);
    if (known === undefined) {
      known = this.leadsOut(bodyOf(fn), depth - 1);
      this.out.set(key, known);
    }
    return known;
  }

  /** Methods of this name in classes below. */
  private replacements(cls: Ref, name: string): readonly Ref[] {
    const key = `${keyOf(cls.file, cls.index)} ${name}`;
    let found = this.below.get(key);
    if (found === undefined) {
      found = overridesOf(this.program, cls, name);
      this.below.set(key, found);
    }
    return found;
  }
}

function bodyOf({ file, index }: Ref): LockedRegion {
  const { start, end } = file.facts.functions[index]!;
  return { file, fn: index, start, end, context: 0 };
}

/** The getter, setter and deleter of one property; nothing for other methods. */
function accessorsOf({ file, index }: Ref): Ref[] {
  const { owner, name } = file.facts.functions[index]!;
  const isAccessor = (decorator: number) => {
    if (decorator < 0) return false;
    const place = file.place(decorator);
    return /(^|_)property$|^(getter|setter|deleter)$/.test(place.path.at(-1) ?? place.name);
  };
  return file.facts.functions.flatMap((other, at) =>
    other.owner === owner && other.name === name && other.decorators.some(isAccessor)
      ? [{ file, index: at }]
      : [],
  );
}

function overridesOf({ files, resolver }: Program, cls: Ref, name: string): Ref[] {
  const found: Ref[] = [];
  for (const file of files.values()) {
    file.methods.forEach((methods, index) => {
      const method = methods.get(name);
      if (method === undefined || (file === cls.file && index === cls.index)) return;
      const isBelow = resolver
        .lineage({ file, index })
        .some((above) => above.file === cls.file && above.index === cls.index);
      if (isBelow) found.push({ file, index: method });
    });
  }
  return found;
}

/** `self._append = self._queue.append`: a shorter name for what a built-in container does. */
function isMethodOfContainer(file: FileNode, { value, source }: Binding): boolean {
  if (value !== "place" || source < 0) return false;
  const { path } = file.place(source);
  return path.length > 1 && isMutatingMethod(path.at(-1)!);
}

/** `handle(x)`, where `handle` is a global that holds some object: a table of functions, a decorated one. */
function isUnknownCallable({ resolver }: Program, { file, name }: { file: FileNode; name: string }): boolean {
  const { kinds } = resolver.variable(file, name);
  return !/^[A-Z]/.test(name) && (kinds.has("unknown") || kinds.has("instance"));
}

/** `register(self)`: whoever has the object can call it. */
function isHandedTheObject(file: FileNode, { args }: Call): boolean {
  return args.some(({ place }) => {
    if (place < 0) return false;
    const { root, path } = file.place(place);
    return root === "self" && path.length === 0;
  });
}

/** A method of an object that may know this one, by anything that is seen of it. */
function isUnknownMethod(program: Program, file: FileNode, place: Place): boolean {
  const { root, path, owner, name } = place;
  const method = path.at(-1);
  // `self._factories[kind]()` runs whatever somebody has put there.
  if (method === "[]") return root === "self" || root === "local" || root === "global";
  if (method === undefined || ordinary.has(method)) return false;
  if (root === "call") {
    const maker = program.resolver.path(file, file.place(owner));
    return maker?.kind === "function" || maker?.kind === "method";
  }
  if (root === "self" && path.length === 1) return isOfUnknownBase(program, { file, index: owner });
  if (root !== "self" && root !== "local" && root !== "global") return false;
  // What this function has made itself knows nobody yet.
  const made = root === "local" ? file.bindingsOf("local", owner, name) : [];
  if (
    path.length === 1 &&
    made.length > 0 &&
    made.every(({ value }) => value === "call" || value === "str")
  ) {
    return false;
  }
  const held = program.resolver.holding(file, { ...place, path: path.slice(0, -1) });
  if (held === undefined || held.kinds.size === 0) return true;
  return [...held.kinds].some((kind) => kind === "unknown" || kind === "instance");
}

/** Whether a base class outside the program may define the method, in terms of others that this class replaces. */
function isOfUnknownBase({ resolver }: Program, cls: Ref): boolean {
  return resolver
    .externalBases(cls)
    .some(
      (base) =>
        !/^(object|dict|list|set|str|int|type|abc\.|collections\.|typing\.|threading\.|enum\.)/.test(base),
    );
}
