// Reads assignments: what is rebound, whether the new value depends on the old one, and of what type it is.
import { Field, Kind } from "../../../grammars/python/symbols.ts";
import type { Collector } from "./collect.ts";
import type { Binding, Op, Place } from "./facts.ts";
import { literalKind } from "./literals.ts";

export function readAssignment(collector: Collector, node: number): void {
  const { tree, record, expressions } = collector;
  const left = tree.child(node, Field.Left);
  const right = tree.child(node, Field.Right);
  const annotation = tree.child(node, Field.Type);
  const from = record.accesses.length;
  if (right !== 0) {
    if (tree.kind(right) === Kind.Assignment) readAssignment(collector, right);
    else if (tree.kind(right) === Kind.AugmentedAssignment) readAugmented(collector, right);
    else {
      if (tree.kind(right) === Kind.Yield) collector.statements.noteYield(right);
      storedEscapes(collector, left, right);
      expressions.visit(right);
    }
  }
  let value = right;
  while (value !== 0 && tree.kind(value) === Kind.Assignment) value = tree.child(value, Field.Right);
  assign(collector, left, value, annotation, from);
}

/** A value stored on an object or in a container can be reached by others from now on. */
function storedEscapes(collector: Collector, left: number, right: number): void {
  const { tree, record, expressions } = collector;
  if (tree.kind(left) === Kind.Identifier && expressions.scope !== 0) return;
  const place = expressions.place(right);
  if (place >= 0 && tree.kind(right) !== Kind.Call && tree.kind(right) !== Kind.Subscript) {
    record.access(place, "escape", tree.start(right), tree.end(right), "stored");
  }
}

function assign(collector: Collector, target: number, value: number, annotation: number, from: number): void {
  const { tree, expressions } = collector;
  switch (tree.kind(target)) {
    case Kind.PatternList:
    case Kind.TuplePattern:
    case Kind.ListPattern: {
      const targets = tree.children(target);
      const kind = tree.kind(value);
      const values = kind === Kind.ExpressionList || kind === Kind.Tuple ? tree.children(value) : [];
      targets.forEach((t, i) => {
        assign(collector, t, values.length === targets.length ? values[i]! : 0, 0, from);
      });
      return;
    }
    case Kind.ListSplatPattern:
    case Kind.ParenthesizedExpression:
      for (const inner of tree.children(target)) assign(collector, inner, 0, 0, from);
      return;
    case Kind.Subscript: {
      const base = expressions.place(tree.child(target, Field.Value));
      const key = tree.source(tree.child(target, Field.Subscript));
      expressions.visitSubscript(
        target,
        readsItem(collector, base, key, from, value) ? "item-augment" : "item-store",
        valueKind(collector, value),
      );
      return;
    }
    case Kind.Identifier:
    case Kind.Attribute:
      bindPath(collector, target, value, annotation, from);
      return;
  }
}

const emptyContainer = /^(\[\]|\{\}|(collections\.)?(list|dict|set|deque|OrderedDict|Counter)\(\))$/;

function bindPath(
  collector: Collector,
  target: number,
  value: number,
  annotation: number,
  from: number,
): void {
  const { tree, record, expressions } = collector;
  const isName = tree.kind(target) === Kind.Identifier;
  if (isName) {
    record.frame.aliases.delete(tree.source(target));
    record.frame.derived.delete(tree.source(target));
  } else expressions.visitBase(tree.child(target, Field.Object));
  const place = expressions.place(target);
  if (place < 0) return;
  const kind = valueKind(collector, value);
  noteBinding(collector, place, target, value, kind, annotation);
  if (value === 0) return;
  if (isDefaulted(collector, place, value)) {
    // `x = x or make()`: a test of the old value and a store that it decides.
    const before = record.context;
    expressions.enterTest(from, tree.child(value, Field.Left), false);
    const made = valueKind(collector, tree.child(value, Field.Right));
    record.access(place, "rebind", tree.start(target), tree.end(target), made);
    record.context = before;
    return;
  }
  const dependsOnItself = readsBinding(collector, place, from, value);
  const op: Op = dependsOnItself ? "augment" : "rebind";
  const detail = dependsOnItself ? "=" : kind;
  const constant = kind === "bool" ? tree.source(value) : "";
  record.access(place, op, tree.start(target), tree.end(target), detail, constant);
  if (emptyContainer.test(tree.source(value))) {
    // `jobs, self.jobs = self.jobs, []`: the local name has the old container from now on, which is out of others' reach.
    for (const [name, of] of record.frame.aliases) if (of === place) record.frame.aliases.delete(name);
  }
  const { root, owner } = record.places[place]!;
  if (isName && root === "local" && owner === record.frame.fn)
    rememberLocal(collector, tree.source(target), value, from);
}

function isDefaulted(collector: Collector, place: number, value: number): boolean {
  const { tree, expressions } = collector;
  if (tree.kind(value) !== Kind.BooleanOperator) return false;
  const left = tree.child(value, Field.Left);
  const operator = tree.text.slice(tree.end(left), tree.start(tree.child(value, Field.Right)));
  return /\bor\b/.test(operator) && expressions.place(left) === place;
}

/** Locals that stand for a shared place, and locals whose value was read from one. */
function rememberLocal(collector: Collector, name: string, value: number, from: number): void {
  const { tree, record, expressions } = collector;
  const kind = tree.kind(value);
  const source = kind === Kind.Identifier || kind === Kind.Attribute ? expressions.place(value) : -1;
  if (source >= 0 && record.places[source]!.root !== "local") record.frame.aliases.set(name, source);
  // `x = d.get(k)`, `x = self.x`, `x = d[k]`, `x = k in d`: the last shared access of the value.
  if (
    kind === Kind.Call ||
    kind === Kind.Attribute ||
    kind === Kind.Identifier ||
    kind === Kind.Subscript ||
    kind === Kind.ComparisonOperator
  ) {
    const last = record.accesses.length - 1;
    for (let i = from; i <= last; i += 1) {
      const access = record.accesses[i]!;
      const isLookup = access.op === "method" && (access.detail === "get" || access.detail === "pop");
      if (isLookup || access.op === "read" || access.op === "item-read" || access.op === "contains") {
        record.frame.derived.set(name, i);
        break;
      }
    }
  }
}

function noteBinding(
  collector: Collector,
  place: number,
  target: number,
  value: number,
  kind: Binding["value"],
  annotation: number,
): void {
  const { tree, record, expressions } = collector;
  const { root, path } = record.places[place]!;
  if (root === "call" || (root === "local" && path.length > 0)) return;
  let source = -1;
  let empty = false;
  if (kind === "call") {
    source = expressions.place(tree.child(value, Field.Function));
    empty = tree.childrenOf(value, Field.Arguments).length === 0;
    bindCallResult(collector, value, place);
  } else if (kind === "place") source = expressions.place(value);
  else if (kind === "list" || kind === "dict" || kind === "set") empty = tree.children(value).length === 0;
  record.bindings.push({
    place,
    fn: record.frame.fn,
    value: value === 0 && annotation !== 0 ? "annotation" : kind,
    source,
    annotation: annotation === 0 ? "" : tree.source(annotation),
    start: tree.start(target),
    end: tree.end(target),
    empty,
  });
}

/** Ties the most recent call with this span to the place its result goes to. */
function bindCallResult(collector: Collector, value: number, place: number): void {
  const { tree, record } = collector;
  const start = tree.start(value);
  const end = tree.end(value);
  for (let i = record.calls.length - 1; i >= 0; i -= 1) {
    const call = record.calls[i]!;
    if (call.start === start && call.end === end) {
      record.bindResult(i, place);
      return;
    }
    if (call.end <= start) return;
  }
}

function valueKind(collector: Collector, value: number): Binding["value"] {
  const { tree, expressions } = collector;
  const literal = value === 0 ? "other" : literalKind(tree, value);
  if (literal !== undefined) return literal;
  switch (tree.kind(value)) {
    case Kind.Call:
      return "call";
    case Kind.UnaryOperator:
      return "number";
    case Kind.Identifier:
    case Kind.Attribute:
      return expressions.place(value) >= 0 ? "place" : "other";
    default:
      return "other";
  }
}

/** Whether the value just read depends on the binding that is about to be replaced. */
function readsBinding(collector: Collector, place: number, from: number, value: number): boolean {
  const { record, tree } = collector;
  // `x = x or make()` decides on the old value and is a lazy initialisation, not an update.
  if (tree.kind(value) === Kind.Lambda) return false;
  const { fn } = record.frame;
  for (let i = from; i < record.accesses.length; i += 1) {
    const access = record.accesses[i]!;
    if (access.fn !== fn || access.op === "rebind") continue;
    if (access.place === place || isBehind(record.places[access.place]!, record.places[place]!)) return true;
  }
  return false;
}

/** `head.next` of `head`: `self.head = self.head.next` takes the next value from the present one. */
function isBehind(inner: Place, outer: Place): boolean {
  if (outer.root === "local" && outer.path.length === 0) return false;
  return (
    inner.root === outer.root &&
    inner.owner === outer.owner &&
    inner.name === outer.name &&
    inner.path.length > outer.path.length &&
    inner.path[outer.path.length] !== "[]" &&
    outer.path.every((part, i) => inner.path[i] === part)
  );
}

function readsItem(collector: Collector, base: number, key: string, from: number, value: number): boolean {
  if (base < 0 || value === 0) return false;
  const { record } = collector;
  for (let i = from; i < record.accesses.length; i += 1) {
    const access = record.accesses[i]!;
    if (access.place !== base) continue;
    if (access.op === "item-read" && access.view === key) return true;
    if (access.op === "method" && access.detail === "get" && access.view === key) return true;
  }
  return false;
}

export function readAugmented(collector: Collector, node: number): void {
  const { tree, record, expressions } = collector;
  const left = tree.child(node, Field.Left);
  const right = tree.child(node, Field.Right);
  expressions.visit(right);
  const operator = tree.text.slice(tree.end(left), right === 0 ? tree.end(left) : tree.start(right)).trim();
  if (tree.kind(left) === Kind.Subscript) {
    expressions.visitSubscript(left, "item-augment", operator);
    return;
  }
  if (tree.kind(left) === Kind.Attribute) expressions.visitBase(tree.child(left, Field.Object));
  // A local that was another name for something shared is bound anew.
  if (tree.kind(left) === Kind.Identifier) record.frame.aliases.delete(tree.source(left));
  const place = expressions.place(left);
  // For `+=` the kind of the right side tells an in-place extend of a list from an addition.
  const kind = valueKind(collector, right);
  record.access(place, "augment", tree.start(left), tree.end(left), operator, kind);
  if (place < 0 || record.places[place]!.root !== "self") return;
  record.bindings.push({
    place,
    fn: record.frame.fn,
    value: "augmented",
    source: -1,
    annotation: "",
    start: tree.start(left),
    end: tree.end(left),
    empty: false,
  });
}
