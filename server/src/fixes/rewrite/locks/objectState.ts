// What the objects of a class consist of, by its methods and fields, and whether a copy can do with less.
import { Field, Kind } from "../../../../../grammars/python/symbols.ts";
import { Refusal } from "../../fix.ts";
import { basesOf, bodyOf, decoratorsOf, definitionIn, lastName, nameOf, parametersOf } from "../../scopes.ts";
import type { Place } from "../place.ts";
import { kindOf } from "../text/containerKinds.ts";

/** An attribute that methods of the class give its objects. */
export interface Attribute {
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

export function isLock(place: Place, { value, method }: Attribute): boolean {
  return method === 0 ? lockMaker.test(place.tree.source(value)) : isCallOf(place, value, lockMaker);
}

function methodsOf({ tree }: Place, cls: number): number[] {
  return bodyOf(tree, cls)
    .map((statement) => definitionIn(tree, statement))
    .filter((definition) => tree.kind(definition) === Kind.FunctionDefinition);
}

/** Those that its methods assign to, and its fields with a factory. */
export function attributesOf(place: Place, cls: number): Attribute[] {
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

/** The class, and its bases, must leave it to `__dict__` what its objects consist of. */
export function refuseOtherWays(place: Place, cls: number, seen: readonly number[] = []): void {
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
    if (known === 0 || known === cls || seen.includes(known))
      throw new Refusal(`What \`${base}\` does when it is copied is not known here.`);
    const other = attributesOf(place, known).find((one) => isLock(place, one));
    if (other !== undefined)
      throw new Refusal(`\`${base}\` has a lock of its own; \`${name}\` cannot speak for it.`);
    refuseOtherWays(place, known, [...seen, cls]);
  }
}

function classNamed({ tree }: Place, name: string): number {
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) === Kind.ClassDefinition && nameOf(tree, node) === name) return node;
  }
  return 0;
}

/**
 * What is copied beside the lock must stand it.
 * @param way the function that copies: `copy`, `deepcopy`, `dumps`
 */
export function refuseRemaining(place: Place, attributes: readonly Attribute[], way: string): void {
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
