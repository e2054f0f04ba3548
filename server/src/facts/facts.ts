// The summary of one file: plain, serialisable data that says what the code does, not yet whether it is
// right. Everything refers to everything else by index, and positions are UTF-16 offsets into the text.

/** What the first name of an access path is bound to. */
export type PlaceRoot =
  /** A name of this module, or a builtin when the module binds none; `owner` is unused. */
  | "global"
  /** A variable of the function `owner`; shared only when another function captures it. */
  | "local"
  /** The first parameter of a method; `owner` is the class. */
  | "self"
  /** The class itself: `cls`, `type(self)`, `self.__class__`; `owner` is the class. */
  | "class"
  /** `super()` in a method of the class `owner`. */
  | "super"
  /** The result of calling the place `owner`. */
  | "call"
  /** Anything else; never shared. */
  | "other";

/** An access path: a root and the attributes behind it. `[]` stands for any element of a container. */
export interface Place {
  readonly root: PlaceRoot;
  readonly owner: number;
  readonly name: string;
  readonly path: readonly string[];
}

export type Op =
  | "read"
  | "rebind"
  /** `x += …`, or `x = …x…`: reads the binding, then writes it. */
  | "augment"
  | "delete"
  | "item-read"
  | "item-store"
  /** `d[k] += …`, or `d[k] = …d[k]…`. */
  | "item-augment"
  | "item-delete"
  | "contains"
  | "length"
  /** Iterated by a loop, a comprehension or a consuming call named in `detail`, over the view in `view`. */
  | "iterate"
  /** A method named in `detail` is called on it. */
  | "method"
  /** Handed to the function named in `detail`. */
  | "argument"
  /** Given away: returned, yielded, or stored somewhere else. */
  | "escape";

export interface Access {
  readonly place: number;
  readonly op: Op;
  /** Index of the function whose body this is in; 0 is the module's top level. */
  readonly fn: number;
  readonly context: number;
  readonly start: number;
  readonly end: number;
  /** The statement around it. */
  readonly statementStart: number;
  readonly statementEnd: number;
  /** Name of the method, consumer or callee; for stores what is stored (`none`, `true`, `container`, …). */
  readonly detail: string;
  /** `items`, `keys`, `values` for iteration; the subscript's text for item accesses; `True` or `False` where one is stored. */
  readonly view: string;
  /** Which evaluation this is: accesses with equal numbers belong to one expression statement. */
  readonly statement: number;
  /** Whether the code names the object by a local variable that holds it: `poll.close()` after `poll = self._poll`. */
  readonly byLocalName: boolean;
}

/** Where control stands: a chain of enclosing locks, tests, handlers and loops. Entry 0 is the empty chain. */
export interface Context {
  readonly kind: "none" | "lock" | "test" | "handler" | "finally" | "caught" | "loop" | "main" | "joined";
  readonly parent: number;
  /** Function it is in. */
  readonly fn: number;
  /** `lock`: the place of the lock object (its call, for `with lock_for(x)`). */
  readonly place: number;
  /** `test`, `handler`: the accesses [from, to) that decided to come here; `caught`: unused. */
  readonly from: number;
  readonly to: number;
  /** Accesses outside [from, to) whose values the test looks at through a local variable. */
  readonly derived: readonly number[];
  /**
   * `caught`: names of the exceptions handled around; `lock`: `with`, `async` for asynchronous with, `acquire` for a
   * call that waits until it has the lock, and empty for one that may give up (a timeout, a test of its result);
   * `loop`: `sleeps` for a `while` that does nothing but sleep, `spins` for one that does nothing at all.
   */
  readonly detail: string;
  /** `test`: the condition of a loop, which is asked again and again. */
  readonly repeats: boolean;
  /** `test`: whether the condition held. */
  readonly holds: boolean;
  /** Where it begins; for `finally`, where its try statement does. */
  readonly start: number;
}

export interface Argument {
  /** Keyword name, or empty for positional. */
  readonly keyword: string;
  /** Place of the argument when it is an access path, else -1. */
  readonly place: number;
  /** Function index when it is a lambda, else -1. */
  readonly lambda: number;
  /** For `partial(f, …)` and other nested calls: the index of that call, else -1. */
  readonly call: number;
  /** Places inside a tuple or list display. */
  readonly elements: readonly number[];
  /** `list`, `dict` or `set` when it is a display of one. */
  readonly display: "" | "list" | "dict" | "set";
  /** Literal text of short constants, for arguments such as `max_workers=1`. */
  readonly literal: string;
}

export interface Call {
  readonly callee: number;
  readonly fn: number;
  readonly context: number;
  readonly start: number;
  readonly end: number;
  readonly args: readonly Argument[];
  /** Place that the result is bound to, else -1. */
  readonly result: number;
  /** Whether the call's result is used through `with`. */
  readonly managed: boolean;
  readonly inLoop: boolean;
  /** Whether the call is a statement of its own, so that nobody looks at what it returns. */
  readonly discarded: boolean;
}

/** Where a function lets others go on: `await`, `yield`, `async for`, `async with`. */
export interface Suspension {
  readonly kind: "await" | "yield";
  readonly fn: number;
  readonly context: number;
  readonly start: number;
  readonly end: number;
  /** The awaited call, else -1. */
  readonly call: number;
}

/** What a place was seen to be bound to; the raw material of type inference. */
export interface Binding {
  readonly place: number;
  readonly fn: number;
  readonly value:
    | "none"
    | "bool"
    | "int"
    | "number"
    | "str"
    | "tuple"
    | "list"
    | "dict"
    | "set"
    | "generator"
    | "call"
    | "place"
    | "lambda"
    | "annotation"
    | "element"
    /** An augmented assignment binds too, and says nothing of the type. */
    | "augmented"
    | "other";
  /** For `call` the callee's place, for `place` the place itself, else -1. */
  readonly source: number;
  /** Annotation text, if any. */
  readonly annotation: string;
  readonly start: number;
  readonly end: number;
  /** Whether the display is empty, or the call has no arguments. */
  readonly empty: boolean;
}

export interface FunctionFact {
  readonly name: string;
  /** Dotted name within the module; `<module>` for entry 0. */
  readonly qualifiedName: string;
  /** Class whose body defines it, else -1. */
  readonly owner: number;
  /** Function around it, -1 for entry 0. */
  readonly parent: number;
  readonly parameters: readonly string[];
  /** How many parameters have no default. */
  readonly required: number;
  /** Parameters whose default is a mutable display, e.g. `seen=[]`. */
  readonly mutableDefaults: readonly string[];
  /** Places of decorators; a decorator call contributes its callee. */
  readonly decorators: readonly number[];
  readonly isAsync: boolean;
  readonly isGenerator: boolean;
  /** Its docstring or name says that the caller holds a lock. */
  readonly callerHolds: boolean;
  readonly start: number;
  readonly end: number;
  readonly nameStart: number;
  readonly nameEnd: number;
  /** Functions and lambdas it returns by name (decorators return their wrapper). */
  readonly returns: readonly number[];
}

export interface ClassFact {
  readonly name: string;
  readonly qualifiedName: string;
  readonly bases: readonly number[];
  /** Function in whose body the class statement stands. */
  readonly fn: number;
  readonly decorators: readonly number[];
  /** Its documentation says that it is not for several threads. */
  readonly documentedUnsafe: boolean;
  readonly start: number;
  readonly end: number;
  readonly nameStart: number;
  readonly nameEnd: number;
}

export interface ImportFact {
  /** The name it binds; `*` for a star import. */
  readonly local: string;
  /** Dotted module as written, without leading dots. */
  readonly module: string;
  /** The imported name for `from m import name`, else empty. */
  readonly name: string;
  /** Number of leading dots. */
  readonly level: number;
  /** `import a.b` binds `a` only. */
  readonly bindsRoot: boolean;
  /** `lazy import`, or named in `__lazy_modules__`: Python 3.15 runs the module at the first use of the name. */
  readonly isLazy: boolean;
  readonly fn: number;
  readonly start: number;
  readonly end: number;
}

/** A comment that speaks of suppressions, annotations, threads or the GIL; others are not kept. */
export interface Comment {
  /** Offset of its `#`. */
  readonly start: number;
  /** From the `#` to the end of the line. */
  readonly text: string;
  /** Whether nothing else stands on its line. */
  readonly ownLine: boolean;
  /**
   * The code it speaks of. At the end of a line: that line, the simple statement that the line is part of, or the
   * head of a compound one. On a line of its own: the statement directly below, with its block. Empty when
   * there is none.
   */
  readonly from: number;
  readonly to: number;
}

export interface FileFacts {
  readonly functions: readonly FunctionFact[];
  readonly classes: readonly ClassFact[];
  readonly imports: readonly ImportFact[];
  readonly places: readonly Place[];
  readonly accesses: readonly Access[];
  readonly contexts: readonly Context[];
  readonly calls: readonly Call[];
  readonly suspensions: readonly Suspension[];
  readonly bindings: readonly Binding[];
  /** The comments that concern the analysis, in the order of the text; see `comments.ts` for which. */
  readonly comments: readonly Comment[];
  /** Module-level names that are bound by def, class, import or assignment. */
  readonly globals: readonly string[];
  /** Whether the text speaks of threads or locks at all: imports, names, comments or documentation. */
  readonly mentionsThreads: boolean;
  /** Whether the text has syntax errors: then what is missing here proves nothing. */
  readonly isBroken: boolean;
  /** Offset of each line's first character. */
  readonly lineStarts: Uint32Array | readonly number[];
}
