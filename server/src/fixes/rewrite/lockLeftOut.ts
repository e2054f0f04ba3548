// Objects that are copied or pickled with a lock inside: the lock stays behind, and what comes of it gets a new one.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import { Refusal, type TextEdit, type TextFix } from "../fix.ts";
import { basesOf, bodyOf, decoratorsOf, definitionIn, lastName, nameOf, parametersOf } from "../scopes.ts";
import { kindOf } from "./kinds.ts";
import type { Place } from "./place.ts";

/** An attribute that methods of the class give its objects. */
interface Attribute {
  readonly name: string;
  /** The expression it is given, or the factory of a field. */
  readonly value: number;
  /** The method that makes it; 0 for fields. */
  readonly method: number;
}

const lockMaker = /(^|\.)(R?Lock|Condition|(Bounded)?Semaphore|allocate_lock)$/;
/** Makers of what `deepcopy` and `pickle` fail on as well. */
const uncopyable =
  /(^|\.)(Event|Barrier|Thread|Timer|local|(Lifo|Priority|Simple)?Queue|\w*Executor|\w*Pool|open|socket|Popen)$/;
const containers = /\b(list|dict|set|deque|defaultdict|OrderedDict|Counter|bytearray)$/;
/** Methods that have a say in what becomes of an object's attributes. */
const ownWays =
  /^__(getstate|setstate|reduce|reduce_ex|copy|deepcopy|getnewargs|getnewargs_ex|setattr|getattr|getattribute|slots)__$/;
/** Bases whose state is what `__dict__` has, and elements that are copied beside it. */
const plainBases = /^(object|ABC|Generic|Protocol|dict|list|set|OrderedDict|defaultdict|UserDict|UserList)$/;

/** `__getstate__` without the lock, `__setstate__` with a new one. */
export function lockLeftOut(place: Place): TextFix | undefined {
  const { tree, finding } = place;
  const [making] = finding.related;
  if (tree.kind(place.node) !== Kind.Call || making === undefined || making.path !== finding.path)
    return undefined;
  const cls = classOf(place, tree.enclosing(making.range.start, making.range.end));
  if (cls === 0) return undefined;
  const way = lastName(tree.source(tree.child(place.node, Field.Function)));
  const attributes = attributesOf(place, cls);
  const locks = attributes.filter((one) => isLock(place, one));
  if (locks.length === 0) return undefined;
  const names = [...new Set(locks.map(({ name }) => name))].map((name) => `\`${name}\``);
  const title = `Leave ${names.join(" and ")} out of copies: \`__getstate__\` without it, \`__setstate__\` with a new one (copies no longer wait for each other)`;
  try {
    refuseOtherWays(place, cls);
    refuseRemaining(place, attributes, way);
    const fix = place.fix(title, [methodsFor(place, cls, locks)], false);
    // A copy that shared the lock gets one of its own; the others could not be made at all.
    return way === "copy" ? { ...fix, isPreferred: false } : fix;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return place.refused(title, error.reason);
  }
}

function classOf({ tree }: Place, node: number): number {
  for (let at = node; at > 0; at = tree.parent(at)) if (tree.kind(at) === Kind.ClassDefinition) return at;
  return 0;
}

function isLock(place: Place, { value, method }: Attribute): boolean {
  return method === 0 ? lockMaker.test(place.tree.source(value)) : isCallOf(place, value, lockMaker);
}

function methodsOf({ tree }: Place, cls: number): number[] {
  return bodyOf(tree, cls)
    .map((statement) => definitionIn(tree, statement))
    .filter((definition) => tree.kind(definition) === Kind.FunctionDefinition);
}

function attributesOf(place: Place, cls: number): Attribute[] {
  const { tree } = place;
  const made = methodsOf(place, cls).flatMap((method) => {
    const self = parametersOf(tree, method)[0];
    const found: Attribute[] = [];
    for (let node = method; node < tree.subtreeEnd(method); node += 1) {
      if (tree.kind(node) !== Kind.Assignment) continue;
      const left = tree.child(node, Field.Left);
      if (tree.kind(left) !== Kind.Attribute || tree.source(tree.child(left, Field.Object)) !== self)
        continue;
      const value = tree.child(node, Field.Right);
      if (value !== 0) found.push({ name: tree.source(tree.child(left, Field.Attribute)), value, method });
    }
    return found;
  });
  return [...fieldsOf(place, cls), ...made];
}

/** Fields with a factory: `lock: Lock = field(default_factory=Lock)`. */
function fieldsOf({ tree }: Place, cls: number): Attribute[] {
  return bodyOf(tree, cls).flatMap((statement) => {
    const assignment = tree.kind(statement) === Kind.ExpressionStatement ? tree.firstChild(statement) : 0;
    const call = tree.kind(assignment) === Kind.Assignment ? tree.child(assignment, Field.Right) : 0;
    if (tree.kind(call) !== Kind.Call) return [];
    const factory = tree
      .childrenOf(call, Field.Arguments)
      .find((arg) => /^(default_)?factory$/.test(tree.source(tree.child(arg, Field.Name))));
    if (factory === undefined) return [];
    const name = tree.source(tree.child(assignment, Field.Left));
    return [{ name, value: tree.child(factory, Field.Value), method: 0 }];
  });
}

function isCallOf({ tree }: Place, value: number, maker: RegExp): boolean {
  return tree.kind(value) === Kind.Call && maker.test(tree.source(tree.child(value, Field.Function)));
}

/** The class must leave it to `__dict__` what its objects consist of. */
function refuseOtherWays(place: Place, cls: number): void {
  const { tree } = place;
  const name = nameOf(tree, cls);
  const own = methodsOf(place, cls)
    .map((method) => nameOf(tree, method))
    .find((method) => ownWays.test(method));
  if (own !== undefined)
    throw new Refusal(`\`${own}\` has a say in it already; the lock needs a place there.`);
  if (/^\s*__slots__\b/m.test(tree.source(cls)))
    throw new Refusal("With `__slots__`, what an object consists of has to be listed by hand.");
  if (decoratorsOf(tree, cls).some((d) => /\b(slots|frozen)\s*=\s*True/.test(d.source)))
    throw new Refusal("The dataclass has slots, or is frozen: its state has to be put together by hand.");
  if (decoratorsOf(tree, cls).some((d) => /^(attrs?\.\w+|define|mutable|frozen|attrs)$/.test(d.name)))
    throw new Refusal("attrs gives the class slots, and has a say in how objects are pickled.");
  for (const base of basesOf(tree, cls)) {
    const plain = lastName(base.replace(/\[.*/s, ""));
    if (plainBases.test(plain)) continue;
    const known = classNamed(place, plain);
    if (known === 0) throw new Refusal(`What \`${base}\` does when it is copied is not known here.`);
    const other = attributesOf(place, known).find((one) => isLock(place, one));
    if (other !== undefined)
      throw new Refusal(`\`${base}\` has a lock of its own; \`${name}\` cannot speak for it.`);
    refuseOtherWays(place, known);
  }
}

function classNamed({ tree }: Place, name: string): number {
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) === Kind.ClassDefinition && nameOf(tree, node) === name) return node;
  }
  return 0;
}

/** What is copied beside the lock must stand it. */
function refuseRemaining(place: Place, attributes: readonly Attribute[], way: string): void {
  const { tree } = place;
  for (const { name, value, method } of attributes) {
    const maker = tree.source(method === 0 ? value : tree.child(value, Field.Function));
    if (way === "copy") {
      const kind = method === 0 ? containers.exec(maker)?.[0] : kindOf(tree, `self.${name}`);
      if (kind !== undefined && kind !== "number") {
        throw new Refusal(
          `The copy would have a lock of its own around the same \`${name}\`, which has to be copied as well.`,
        );
      }
    } else if ((method === 0 || tree.kind(value) === Kind.Call) && uncopyable.test(maker)) {
      throw new Refusal(`\`${name}\` comes from \`${maker}()\` and cannot be copied either.`);
    }
  }
}

function methodsFor(place: Place, cls: number, locks: readonly Attribute[]): TextEdit {
  const { tree, source } = place;
  const isField = locks.every(({ method }) => method === 0);
  if (!isField && locks.some(({ method }) => method === 0))
    throw new Refusal(
      "Some locks are fields, others are made in methods; the state has to be put together by hand.",
    );
  const made = isField
    ? locks.map(({ name, value }) => [name, `${tree.source(value)}()`])
    : makingAgain(place, locks);
  const statement = isField ? lastField(place, cls) : statementOf(place, locks[0]!.method);
  if (!source.isFirstOnLine(tree.start(statement)))
    throw new Refusal("The class is laid out in an unusual way.");
  const indent = source.indentAt(tree.start(statement));
  const unit = source.unitOf(tree.parent(statement)) ?? source.unit;
  const inner = indent + unit;
  const lines = [
    `${indent}def __getstate__(self):`,
    `${inner}state = self.__dict__.copy()`,
    ...locks.map(({ name }) => `${inner}del state["${keyOf(nameOf(tree, cls), name)}"]`),
    `${inner}return state`,
    "",
    `${indent}def __setstate__(self, state):`,
    `${inner}self.__dict__.update(state)`,
    ...made.map(([name, again]) => `${inner}self.${name} = ${again}`),
  ];
  if (lines.some((line) => line.includes("\n"))) throw new Refusal("The lock is made over several lines.");
  return source.insert(endOf(place, statement, indent), source.eol + source.eol + lines.join(source.eol));
}

/** The locks' names with what makes them, as it is written in a method whose object is `self`. */
function makingAgain({ tree }: Place, locks: readonly Attribute[]): [string, string][] {
  const { method: init } = locks[0]!;
  const self = parametersOf(tree, init)[0]!;
  const known = locks.map((lock) => `${self}.${lock.name}`);
  return locks.map(({ name, value, method }) => {
    const isOnce = locks.filter((other) => other.name === name).length === 1;
    if (!isOnce || !/^__(init|post_init)__$/.test(nameOf(tree, method)))
      throw new Refusal(`\`${name}\` is not made once and for all in \`__init__\`.`);
    const isKnown = tree
      .childrenOf(value, Field.Arguments)
      .every(
        (arg) =>
          known.includes(tree.source(arg)) || /^(\w+\s*=\s*)?(\d+|[\w.]*R?Lock\(\))$/.test(tree.source(arg)),
      );
    if (!isKnown || method !== init)
      throw new Refusal(`What \`${name}\` was made with is not known any more when a copy is made.`);
    return [name, tree.source(value).replaceAll(`${self}.`, "self.")];
  });
}

function statementOf({ tree }: Place, method: number): number {
  const parent = tree.parent(method);
  return tree.kind(parent) === Kind.DecoratedDefinition ? parent : method;
}

/** The last of the lines that make fields, or say what they are. */
function lastField({ tree }: Place, cls: number): number {
  return bodyOf(tree, cls).findLast(
    (statement) => tree.kind(tree.firstChild(statement)) === Kind.Assignment,
  )!;
}

/** How an attribute is called in `__dict__`: the names of private ones have that of their class in front. */
function keyOf(cls: string, name: string): string {
  const isPrivate = /^__/.test(name) && !/__$/.test(name);
  return isPrivate ? `_${cls.replace(/^_+/, "")}${name}` : name;
}

/** The end of a definition with the comments that belong to its block. */
function endOf({ source }: Place, statement: number, indent: string): number {
  let end = source.endOfStatementLine(statement);
  for (;;) {
    const next = source.text.indexOf("\n", end) + 1;
    const line = next === 0 ? "" : source.text.slice(next, source.lineEnd(next));
    if (!/^\s+#/.test(line) || !line.startsWith(indent) || !/^[ \t]/.test(line.slice(indent.length)))
      return end;
    end = source.lineEnd(next);
  }
}
