// What variables hold, read from everything they are bound to: displays, constructors, annotations, other names.
import type { Binding } from "../facts/facts.ts";
import type { FileNode, Ref } from "./fileNode.ts";
import type { Resolver } from "./resolve.ts";
import { kindOfAnnotation, kindOfConstructor, kindOfResult, type ObjectKind } from "./types.ts";

/** What a variable or attribute was seen to hold. */
export interface Holding {
  readonly kinds: ReadonlySet<ObjectKind>;
  /** Classes of the program among them. */
  readonly classes: readonly Ref[];
}

interface Found {
  readonly kinds: Set<ObjectKind>;
  readonly classes: Ref[];
}

/** Joins what all bindings of one variable say. */
export function holdingOf(resolver: Resolver, file: FileNode, bindings: readonly Binding[]): Holding {
  const found: Found = { kinds: new Set(), classes: [] };
  for (const binding of bindings) {
    if (binding.annotation !== "") addAnnotation(resolver, file, binding.annotation, found);
    addValue(resolver, file, binding, found);
  }
  return found;
}

function addAnnotation(resolver: Resolver, file: FileNode, annotation: string, found: Found): void {
  const kind = kindOfAnnotation(annotation, (name) => {
    const [first, ...path] = name.split(".");
    const entity = resolver.path(file, { root: "global", owner: 0, name: first!, path });
    return entity?.kind === "external" ? entity.name : undefined;
  });
  if (kind !== "unknown") {
    found.kinds.add(kind);
    return;
  }
  for (const word of annotation.match(/\w+/g) ?? []) {
    const entity = resolver.global(file, word);
    if (entity?.kind !== "class") continue;
    found.classes.push(entity.ref);
    return;
  }
}

function addValue(resolver: Resolver, file: FileNode, binding: Binding, found: Found): void {
  const { kinds, classes } = found;
  switch (binding.value) {
    case "none":
      kinds.add("none");
      return;
    case "bool":
    case "int":
    case "number":
    case "str":
    case "tuple":
      kinds.add("immutable");
      return;
    case "list":
    case "dict":
    case "set":
    case "generator":
      kinds.add(binding.value);
      return;
    case "lambda":
      kinds.add("function");
      return;
    case "annotation":
    case "augmented":
      return;
    case "call":
      addCallResult(resolver, file, binding.source, found);
      return;
    case "place": {
      const held = binding.source < 0 ? undefined : resolver.holding(file, file.place(binding.source));
      if (held === undefined || (held.kinds.size === 0 && held.classes.length === 0)) kinds.add("unknown");
      else {
        for (const kind of held.kinds) kinds.add(kind);
        classes.push(...held.classes);
      }
      return;
    }
    default:
      kinds.add("unknown");
  }
}

function addCallResult(resolver: Resolver, file: FileNode, callee: number, { kinds, classes }: Found): void {
  if (callee < 0) {
    kinds.add("unknown");
    return;
  }
  const place = file.place(callee);
  const entity = resolver.path(file, place);
  if (entity?.kind === "class") {
    kinds.add("instance");
    classes.push(entity.ref);
    for (const base of resolver.externalBases(entity.ref)) {
      const kind = kindOfBase(base);
      if (kind !== "unknown" && kind !== "immutable") kinds.add(kind);
    }
  } else if (entity?.kind === "function" || entity?.kind === "method") {
    const made = entity.ref.file.facts.functions[entity.ref.index]!;
    kinds.add(made.isGenerator && !made.isAsync ? "generator" : "unknown");
  } else if (entity?.kind === "external") kinds.add(kindOfConstructor(entity.name));
  else if (entity === undefined && place.root === "global" && place.path.length === 0) {
    kinds.add(kindOfConstructor(place.name));
  } else {
    const receiver = () => resolver.holding(file, { ...place, path: place.path.slice(0, -1) })?.kinds;
    kinds.add(kindOfResult(place.path.at(-1) ?? "", receiver));
  }
}

/** `compat.OrderedDict` and `six.moves.UserDict` are what their names say, wherever a project takes them from. */
function kindOfBase(name: string): ObjectKind {
  const known = kindOfConstructor(name);
  if (known !== "unknown") return known;
  const tail = name.slice(name.lastIndexOf(".") + 1);
  if (/^(OrderedDict|defaultdict|Counter|deque)$/.test(tail)) return kindOfConstructor(`collections.${tail}`);
  if (/^(UserDict|MutableMapping|DictMixin)$/.test(tail)) return "dict";
  return /^(UserList|MutableSequence)$/.test(tail) ? "list" : "unknown";
}
