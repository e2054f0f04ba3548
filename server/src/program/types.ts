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
  | "async-event"
  /** A future or task of an event loop. */
  | "async-future"
  | "event-loop"
  | "thread-local"
  | "context-var"
  | "iterator"
  | "generator"
  | "counter-iterator"
  | "reader"
  | "csv-writer"
  | "sqlite-connection"
  | "sqlite-cursor"
  | "zip-archive"
  | "tar-archive"
  | "compressed-file"
  | "connection"
  | "http-session"
  | "parser"
  | "database"
  | "element"
  | "memoryview"
  | "ndarray"
  | "ctypes"
  | "widget"
  | "tls-context"
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
  "asyncio.BoundedSemaphore": "async-lock",
  "asyncio.Event": "async-event",
  "asyncio.Future": "async-future",
  "asyncio.Task": "async-future",
  "asyncio.create_task": "async-future",
  "asyncio.ensure_future": "async-future",
  "asyncio.AbstractEventLoop": "event-loop",
  "asyncio.new_event_loop": "event-loop",
  "asyncio.get_event_loop": "event-loop",
  "asyncio.get_running_loop": "event-loop",
  "anyio.Lock": "async-lock",
  "threading.Event": "event",
  "threading.Barrier": "event",
  "queue.Queue": "queue",
  "queue.LifoQueue": "queue",
  "queue.PriorityQueue": "queue",
  "queue.SimpleQueue": "queue",
  "multiprocessing.Queue": "queue",
  "asyncio.Queue": "async-queue",
  "asyncio.LifoQueue": "async-queue",
  "asyncio.PriorityQueue": "async-queue",
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
  "csv.writer": "csv-writer",
  "csv.DictWriter": "csv-writer",
  "sqlite3.connect": "sqlite-connection",
  "sqlite3.Connection": "sqlite-connection",
  "sqlite3.Cursor": "sqlite-cursor",
  "zipfile.ZipFile": "zip-archive",
  "tarfile.open": "tar-archive",
  "tarfile.TarFile": "tar-archive",
  "tarfile.TarFile.open": "tar-archive",
  "lzma.LZMAFile": "compressed-file",
  "lzma.open": "compressed-file",
  "bz2.BZ2File": "compressed-file",
  "bz2.open": "compressed-file",
  "http.client.HTTPConnection": "connection",
  "http.client.HTTPSConnection": "connection",
  "smtplib.SMTP": "connection",
  "smtplib.SMTP_SSL": "connection",
  "ftplib.FTP": "connection",
  "ftplib.FTP_TLS": "connection",
  "imaplib.IMAP4": "connection",
  "imaplib.IMAP4_SSL": "connection",
  "poplib.POP3": "connection",
  "poplib.POP3_SSL": "connection",
  "xml.parsers.expat.ParserCreate": "parser",
  "configparser.ConfigParser": "parser",
  "configparser.RawConfigParser": "parser",
  "shelve.open": "database",
  "dbm.open": "database",
  "dbm.gnu.open": "database",
  "dbm.ndbm.open": "database",
  "dbm.dumb.open": "database",
  "dbm.sqlite3.open": "database",
  "xml.etree.ElementTree.Element": "element",
  "xml.etree.ElementTree.SubElement": "element",
  memoryview: "memoryview",
  "ctypes.pointer": "ctypes",
  "ctypes.byref": "ctypes",
  "ctypes.cast": "ctypes",
  "ssl.create_default_context": "tls-context",
  "ssl.SSLContext": "tls-context",
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

/** The same for packages, whose sources can be part of the program. */
const kindsOfPackages: Readonly<Record<string, ObjectKind>> = {
  "requests.Session": "http-session",
  "requests.session": "http-session",
  "requests.sessions.Session": "http-session",
  "pymysql.connect": "connection",
  "MySQLdb.connect": "connection",
  "mysql.connector.connect": "connection",
  "numpy.zeros": "ndarray",
  "numpy.ones": "ndarray",
  "numpy.empty": "ndarray",
  "numpy.full": "ndarray",
  "numpy.arange": "ndarray",
  "numpy.array": "ndarray",
};

/** The kind of what a constructor with this qualified name makes. */
export function kindOfConstructor(name: string): ObjectKind {
  if (Object.hasOwn(kindsByConstructor, name)) return kindsByConstructor[name]!;
  if (Object.hasOwn(kindsOfPackages, name)) return kindsOfPackages[name]!;
  return /^tkinter\.(ttk\.)?[A-Z]/.test(name) ? "widget" : "unknown";
}

/**
 * The kind of what a method returns.
 * @param receiver kinds of the object whose method it is; asked for only where the method's name is of interest
 */
export function kindOfResult(
  method: string,
  receiver: () => ReadonlySet<ObjectKind> | undefined,
): ObjectKind {
  return method === "cursor" && receiver()?.has("sqlite-connection") === true ? "sqlite-cursor" : "unknown";
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

/** Names that many packages give to classes of theirs: as annotations they mean a class only with the module. */
const commonTails: ReadonlySet<string> = new Set([
  "Connection",
  "Cursor",
  "Element",
  "HTTPConnection",
  "FTP",
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

/** Kinds by the last name of their constructor; asyncio gives its classes the names of those for threads. */
const kindsByTail: ReadonlyMap<string, ObjectKind> = new Map(
  Object.entries(kindsByConstructor)
    .filter(([name]) => name.includes(".") && !name.startsWith("asyncio."))
    .map(([name, kind]): [string, ObjectKind] => [name.slice(name.lastIndexOf(".") + 1), kind])
    .reverse(), // the first of several counts
);

/**
 * The kind an annotation promises, looking through `Optional`, unions and `ClassVar`.
 * @param qualify qualified name of a name as the file imports it: `asyncio.Event` for `Event`
 */
export function kindOfAnnotation(
  text: string,
  qualify: (name: string) => string | undefined = () => undefined,
): ObjectKind {
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
    const exact = kindOfConstructor(qualify(word) ?? word);
    if (exact !== "unknown") return exact;
    if (Object.hasOwn(annotationTails, tail)) return annotationTails[tail]!;
    if (commonTails.has(tail)) return "unknown";
    return kindsByTail.get(tail) ?? "unknown";
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
