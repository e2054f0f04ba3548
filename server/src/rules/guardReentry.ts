// Whether code under a lock may come back for the same lock by a way that the call graph does not show: through an
// object of which nothing is known, a method that a subclass replaces, or a function that is handed the object itself.
import type { Access, Call, Place } from "../facts/facts.ts";
import { type FileNode, keyOf, type Ref } from "../program/fileNode.ts";
import type { Program } from "../program/program.ts";
import { foreignCall, type LockedRegion } from "./guardOrder.ts";

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

/** Why one thread may want the lock of the region again while it holds it; false where all code is known. */
export function mayComeBack(program: Program, region: LockedRegion): boolean {
  return isMarked(region) || leadsOut(program, region, deepestCall, new Set());
}

/** `if self._busy: return`, then set, then put back at the end: somebody has met the code coming back to itself. */
function isMarked({ file, fn, start, end }: LockedRegion): boolean {
  const { accesses, contexts } = file.facts;
  const isInside = (access: Access) => access.fn === fn && access.start >= start && access.end <= end;
  return accesses.some((access) => {
    if (access.op !== "rebind" || !/^(bool|none|true|false)$/.test(access.detail) || !isInside(access))
      return false;
    const within = contexts[access.context]!;
    if (within.kind !== "finally" || within.start < start) return false;
    return accesses.some((other) => other.op === "read" && other.place === access.place && isInside(other));
  });
}

function leadsOut(program: Program, region: LockedRegion, depth: number, seen: Set<number>): boolean {
  if (foreignCall(program, region) !== undefined) return true;
  const { file, fn, start, end } = region;
  return file.facts.calls.some(
    (call) =>
      call.fn === fn &&
      call.start >= start &&
      call.end <= end &&
      call.callee >= 0 &&
      leadsOutThrough(program, file, call, depth, seen),
  );
}

function leadsOutThrough(
  program: Program,
  file: FileNode,
  call: Call,
  depth: number,
  seen: Set<number>,
): boolean {
  const { resolver } = program;
  const place = file.place(call.callee);
  const entity = resolver.path(file, place);
  switch (entity?.kind) {
    case "function":
      return isOut(program, entity.ref, depth, seen);
    case "method": {
      const { name } = entity.ref.file.facts.functions[entity.ref.index]!;
      const replaced = place.root === "self" ? replacements(program, entity.receiver, name) : [];
      return [entity.ref, ...replaced].some((ref) => isOut(program, ref, depth, seen));
    }
    case "class": {
      const init = resolver.method(entity.ref, "__init__");
      return init !== undefined && isOut(program, init, depth, seen);
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
function isOut(program: Program, { file, index }: Ref, depth: number, seen: Set<number>): boolean {
  const key = keyOf(file, index);
  if (depth === 0 || seen.has(key)) return false;
  seen.add(key);
  const { start, end } = file.facts.functions[index]!;
  return leadsOut(program, { file, fn: index, start, end, context: 0 }, depth - 1, seen);
}

/** Methods of this name in classes below. */
function replacements({ files, resolver }: Program, cls: Ref, name: string): Ref[] {
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
  if (method === undefined || method === "[]" || ordinary.has(method)) return false;
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
