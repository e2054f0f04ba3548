// The tables that collecting one file fills, and where in the code the collector stands.
import type {
  Access,
  Argument,
  Binding,
  Call,
  ClassFact,
  Context,
  FunctionFact,
  ImportFact,
  Op,
  Place,
  PlaceRoot,
  Suspension,
} from "./facts.ts";

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What a function under collection knows of its own variables. */
export interface Frame {
  readonly fn: number;
  readonly scope: number;
  /** Class whose method this is, directly or around a nested function; -1 outside classes. */
  readonly classIndex: number;
  /** Locals that are another name for an access path: `lock = self._lock`. */
  readonly aliases: Map<string, number>;
  /** Locals that hold a value read from a shared place: the access that read it. */
  readonly derived: Map<string, number>;
  /** Parameters with a mutable default, which all calls share. */
  readonly defaults: readonly string[];
  /** Whether a function inside could capture its variables. */
  readonly hasInner: boolean;
}

type Details = Pick<Context, "place" | "from" | "to" | "derived" | "detail" | "repeats" | "holds">;

const none: readonly number[] = [];

/** All contexts have the same fields in the same order, which is what makes reading them fast. */
function contextOf(
  kind: Context["kind"],
  parent: number,
  fn: number,
  start: number,
  details: Partial<Details>,
): Context {
  const {
    place = -1,
    from = 0,
    to = 0,
    derived = none,
    detail = "",
    repeats = false,
    holds = true,
  } = details;
  return { kind, parent, fn, place, from, to, derived, detail, repeats, holds, start };
}

export class Recorder {
  readonly functions: Mutable<FunctionFact>[] = [];
  readonly classes: ClassFact[] = [];
  readonly imports: ImportFact[] = [];
  readonly places: Place[] = [];
  readonly accesses: Access[] = [];
  readonly contexts: Context[] = [contextOf("none", 0, 0, 0, {})];
  readonly calls: Mutable<Call>[] = [];
  readonly suspensions: Suspension[] = [];
  readonly bindings: Binding[] = [];
  /** Places without attributes: by root, owner and name. */
  private readonly names: Record<PlaceRoot, Map<number, Map<string, number>>> = {
    global: new Map(),
    local: new Map(),
    self: new Map(),
    class: new Map(),
    super: new Map(),
    call: new Map(),
    other: new Map(),
  };
  /** For each place, those one attribute further. */
  private readonly attributes = new Map<number, Map<string, number>>();

  context = 0;
  statementStart = 0;
  statementEnd = 0;
  statement = 0;
  frame!: Frame;

  /** @param text of the file, for how the code names things */
  constructor(private readonly text: string) {}

  /** The place of a bare name, of a receiver or of a call's result. */
  place(root: PlaceRoot, owner: number, name: string): number {
    let names = this.names[root].get(owner);
    if (names === undefined) {
      names = new Map();
      this.names[root].set(owner, names);
    }
    let id = names.get(name);
    if (id === undefined) {
      id = this.places.push({ root, owner, name, path: [] }) - 1;
      names.set(name, id);
    }
    return id;
  }

  /** The place one attribute further. */
  attribute(base: number, attribute: string): number {
    let further = this.attributes.get(base);
    if (further === undefined) {
      further = new Map();
      this.attributes.set(base, further);
    }
    let id = further.get(attribute);
    if (id === undefined) {
      const { root, owner, name, path } = this.places[base]!;
      id = this.places.push({ root, owner, name, path: [...path, attribute] }) - 1;
      further.set(attribute, id);
    }
    return id;
  }

  /** Whether accesses to this place can matter to another thread at all. */
  isTracked(place: number, op: Op): boolean {
    const { root, owner, name, path } = this.places[place]!;
    switch (root) {
      case "global":
        return true;
      case "local":
        return (
          owner !== this.frame.fn ||
          this.frame.hasInner ||
          path.length > 0 ||
          // Changed in place: whoever was handed the object sees it.
          op === "item-store" ||
          op === "item-augment" ||
          op === "item-delete" ||
          this.frame.defaults.includes(name)
        );
      case "self":
      case "class":
        return path.length > 0 || op !== "read";
      default:
        return root === "call" && path.length > 0;
    }
  }

  access(place: number, op: Op, start: number, end: number, detail = "", view = ""): number {
    if (place < 0 || !this.isTracked(place, op)) return -1;
    return (
      this.accesses.push({
        place,
        op,
        fn: this.frame.fn,
        context: this.context,
        start,
        end,
        statementStart: this.statementStart,
        statementEnd: this.statementEnd,
        detail,
        view,
        statement: this.statement,
        byLocalName: this.isByLocalName(place, start, end),
      }) - 1
    );
  }

  /** Whether the code from start to end, `name…` or `len(name)`, is about the object that a local name stands for. */
  private isByLocalName(place: number, start: number, end: number): boolean {
    const { text } = this;
    const { aliases } = this.frame;
    if (aliases.size === 0) return false;
    for (const [name, of] of aliases) {
      if (of !== place) continue;
      if (text.startsWith(name, start) && !/\w/.test(text[start + name.length] ?? "")) return true;
      if (text.endsWith(`(${name})`, end) && /^\w+$/.test(text.slice(start, end - name.length - 2)))
        return true;
    }
    return false;
  }

  /** Opens a context inside the current one and returns the one to go back to. */
  enter(kind: Context["kind"], start: number, details: Partial<Details> = {}): number {
    const before = this.context;
    this.context = this.contexts.push(contextOf(kind, before, this.frame.fn, start, details)) - 1;
    return before;
  }

  /** Enters copies of known contexts, outermost first, inside the current one. */
  reenter(contexts: readonly number[]): void {
    for (const at of contexts) {
      const known = this.contexts[at]!;
      this.enter(known.kind, known.start, known);
    }
  }

  call(callee: number, start: number, end: number, args: readonly Argument[], managed: boolean): number {
    return (
      this.calls.push({
        callee,
        fn: this.frame.fn,
        context: this.context,
        start,
        end,
        args,
        result: -1,
        managed,
        inLoop: this.insideLoop(),
        discarded: false,
      }) - 1
    );
  }

  private insideLoop(): boolean {
    for (let at = this.context; at !== 0; at = this.contexts[at]!.parent) {
      if (this.contexts[at]!.kind === "loop") return true;
    }
    return false;
  }

  bindResult(call: number, place: number): void {
    this.calls[call]!.result = place;
  }

  /** Notes that a statement was nothing but the call between these offsets, if the last one was it. */
  discardResult(start: number, end: number): void {
    const last = this.calls.at(-1);
    if (last !== undefined && last.start === start && last.end === end) last.discarded = true;
  }

  /** Notes that control leaves the function for a while; an awaited call is the one that ends where this ends. */
  suspend(kind: Suspension["kind"], start: number, end: number): void {
    const last = this.calls.length - 1;
    const call = kind === "await" && last >= 0 && this.calls[last]!.end === end ? last : -1;
    this.suspensions.push({ kind, fn: this.frame.fn, context: this.context, start, end, call });
  }
}
