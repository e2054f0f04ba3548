// What kind of object a constructor makes, and what each kind guarantees to threads. The authority for
// atomicity is CPython's "Thread Safety Guarantees" page and the library pages it links.

/** The kind of object a location holds, as far as its assignments and annotations tell. */
export type ObjectKind =
  | "none"
  | "immutable"
  | "list"
  | "dict"
  | "set"
  | "deque"
  | "defaultdict"
  | "Counter"
  | "OrderedDict"
  | "bytearray"
  | "array"
  | "stream"
  | "weak"
  | "lock"
  | "rlock"
  | "condition"
  | "semaphore"
  | "async-lock"
  | "event"
  | "queue"
  | "async-queue"
  | "thread-local"
  | "context-var"
  | "iterator"
  | "generator"
  | "counter-iterator"
  | "reader"
  | "thread"
  | "executor"
  | "process-pool"
  | "partial"
  | "function"
  | "instance"
  | "unknown";

const kindsByConstructor: Readonly<Record<string, ObjectKind>> = {
  list: "list",
  dict: "dict",
  set: "set",
  bytearray: "bytearray",
  "array.array": "array",
  "collections.deque": "deque",
  "collections.defaultdict": "defaultdict",
  "collections.Counter": "Counter",
  "collections.OrderedDict": "OrderedDict",
  "io.BytesIO": "stream",
  "weakref.WeakSet": "weak",
  "weakref.WeakKeyDictionary": "weak",
  "weakref.WeakValueDictionary": "weak",
  "threading.Lock": "lock",
  "threading.RLock": "rlock",
  "threading.Condition": "condition",
  "threading.Semaphore": "semaphore",
  "threading.BoundedSemaphore": "semaphore",
  "_thread.allocate_lock": "lock",
  "_thread.RLock": "rlock",
  "_thread.LockType": "lock",
  "thread.allocate_lock": "lock",
  "dummy_threading.Lock": "lock",
  "dummy_threading.RLock": "rlock",
  "multiprocessing.Lock": "lock",
  "multiprocessing.RLock": "rlock",
  "filelock.FileLock": "lock",
  "asyncio.Lock": "async-lock",
  "asyncio.Condition": "async-lock",
  "asyncio.Semaphore": "async-lock",
  "anyio.Lock": "async-lock",
  "threading.Event": "event",
  "threading.Barrier": "event",
  "queue.Queue": "queue",
  "queue.LifoQueue": "queue",
  "queue.PriorityQueue": "queue",
  "queue.SimpleQueue": "queue",
  "multiprocessing.Queue": "queue",
  "asyncio.Queue": "async-queue",
  "threading.local": "thread-local",
  "_thread._local": "thread-local",
  "_threading_local.local": "thread-local",
  "contextvars.ContextVar": "context-var",
  iter: "iterator",
  enumerate: "iterator",
  map: "iterator",
  zip: "iterator",
  filter: "iterator",
  reversed: "iterator",
  "itertools.count": "counter-iterator",
  "itertools.cycle": "iterator",
  "itertools.chain": "iterator",
  "itertools.islice": "iterator",
  "itertools.product": "iterator",
  "itertools.groupby": "iterator",
  "itertools.tee": "iterator",
  "re.finditer": "iterator",
  "csv.reader": "reader",
  "csv.DictReader": "reader",
  "threading.Thread": "thread",
  "threading.Timer": "thread",
  "concurrent.futures.ThreadPoolExecutor": "executor",
  "concurrent.futures.thread.ThreadPoolExecutor": "executor",
  "multiprocessing.pool.ThreadPool": "executor",
  "multiprocessing.dummy.Pool": "executor",
  "concurrent.futures.ProcessPoolExecutor": "process-pool",
  "multiprocessing.Pool": "process-pool",
  "multiprocessing.pool.Pool": "process-pool",
  "concurrent.futures.InterpreterPoolExecutor": "process-pool",
  "functools.partial": "partial",
  tuple: "immutable",
  frozenset: "immutable",
  str: "immutable",
  int: "immutable",
  float: "immutable",
  bool: "immutable",
  bytes: "immutable",
  object: "immutable",
  "re.compile": "immutable",
  "logging.getLogger": "immutable",
  "collections.namedtuple": "immutable",
  "types.MappingProxyType": "immutable",
};

/** The kind of what a constructor with this qualified name makes. */
export function kindOfConstructor(name: string): ObjectKind {
  return Object.hasOwn(kindsByConstructor, name) ? kindsByConstructor[name]! : "unknown";
}

/** Modules of the standard library whose names keep their meaning even when their own source is analysed. */
export const knownModules: ReadonlySet<string> = new Set([
  ...Object.keys(kindsByConstructor)
    .filter((name) => name.includes("."))
    .map((name) => name.slice(0, name.lastIndexOf("."))),
  "concurrent",
  "concurrent.futures.process",
  "socketserver",
  "http.server",
  "heapq",
  "bisect",
  "json",
  "pickle",
  "copy",
  "os",
  "sys",
]);

const annotationTails: Readonly<Record<string, ObjectKind>> = {
  List: "list",
  Dict: "dict",
  Set: "set",
  Deque: "deque",
  DefaultDict: "defaultdict",
  MutableMapping: "dict",
  MutableSet: "set",
  MutableSequence: "list",
  Iterator: "iterator",
  Generator: "generator",
  Tuple: "immutable",
  FrozenSet: "immutable",
  Final: "unknown",
  Lock: "lock",
  RLock: "rlock",
};

/** The kind an annotation promises, looking through `Optional`, unions and `ClassVar`. */
export function kindOfAnnotation(text: string): ObjectKind {
  for (const word of text.match(/[\w.]+/g) ?? []) {
    const tail = word.slice(word.lastIndexOf(".") + 1);
    if (
      tail === "Optional" ||
      tail === "ClassVar" ||
      tail === "Union" ||
      tail === "Final" ||
      tail === "Annotated"
    )
      continue;
    if (tail === "None") continue;
    if (Object.hasOwn(annotationTails, tail)) return annotationTails[tail]!;
    for (const [name, kind] of Object.entries(kindsByConstructor)) {
      if (name === word || name.endsWith(`.${tail}`)) return kind;
    }
    return "unknown";
  }
  return "unknown";
}

export const mutualExclusion: ReadonlySet<ObjectKind> = new Set(["lock", "rlock", "condition", "semaphore"]);

/** Kinds whose every operation is made for several threads, or that no thread shares. */
export const safeToShare: ReadonlySet<ObjectKind> = new Set([
  "lock",
  "rlock",
  "condition",
  "semaphore",
  "event",
  "queue",
  "thread-local",
  "context-var",
  "executor",
  "process-pool",
  "counter-iterator",
]);

/** Methods that change which elements a container has, so that an iteration running beside them fails or skips. */
const resizing = new Set([
  "append",
  "appendleft",
  "extend",
  "extendleft",
  "insert",
  "remove",
  "pop",
  "popleft",
  "popitem",
  "clear",
  "add",
  "discard",
  "update",
  "setdefault",
  "move_to_end",
  "difference_update",
  "intersection_update",
  "symmetric_difference_update",
  "subtract",
  "rotate",
]);

const reordering = new Set(["sort", "reverse"]);

export function isResizingMethod(name: string): boolean {
  return resizing.has(name);
}

export function isMutatingMethod(name: string): boolean {
  return resizing.has(name) || reordering.has(name);
}

/** What a lock object is called when nothing shows how it was made. */
export function looksLikeLock(name: string): boolean {
  return (
    /(^|_)(r?w?lock|mutex|rlock|cond|condition|sem|semaphore|guard|monitor|not_empty|not_full)s?($|_|\d)/i.test(
      name,
    ) || /(Lock|Mutex)$/.test(name)
  );
}
