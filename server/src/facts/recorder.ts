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

const nowhere: Context = {
  kind: "none",
  parent: 0,
  fn: 0,
  place: -1,
  from: 0,
  to: 0,
  derived: [],
  detail: "",
  repeats: false,
  holds: true,
  start: 0,
};

export class Recorder {
  readonly functions: Mutable<FunctionFact>[] = [];
  readonly classes: ClassFact[] = [];
  readonly imports: ImportFact[] = [];
  readonly places: Place[] = [];
  readonly accesses: Access[] = [];
  readonly contexts: Context[] = [nowhere];
  readonly calls: Mutable<Call>[] = [];
  readonly suspensions: Suspension[] = [];
  readonly bindings: Binding[] = [];
  private readonly placeIds = new Map<string, number>();
  private readonly children = new Map<string, number>();

  /** @param text of the file, for how the code names things */
  constructor(private readonly text: string) {}

  context = 0;
  statementStart = 0;
  statementEnd = 0;
  statement = 0;
  frame!: Frame;

  place(root: PlaceRoot, owner: number, name: string, path: readonly string[] = []): number {
    const key = `${root}/${owner}/${name}/${path.join(".")}`;
    let id = this.placeIds.get(key);
    if (id === undefined) {
      id = this.places.push({ root, owner, name, path }) - 1;
      this.placeIds.set(key, id);
    }
    return id;
  }

  /** The place one attribute further. */
  attribute(base: number, attribute: string): number {
    const key = `${base}.${attribute}`;
    let id = this.children.get(key);
    if (id === undefined) {
      const { root, owner, name, path } = this.places[base]!;
      id = this.place(root, owner, name, [...path, attribute]);
      this.children.set(key, id);
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
    for (const [name, of] of this.frame.aliases) {
      if (of !== place) continue;
      if (text.startsWith(name, start) && !/\w/.test(text[start + name.length] ?? "")) return true;
      if (text.endsWith(`(${name})`, end) && /^\w+$/.test(text.slice(start, end - name.length - 2)))
        return true;
    }
    return false;
  }

  /** Opens a context inside the current one and returns the one to go back to. */
  enter(kind: Context["kind"], start: number, fields: Partial<Context> = {}): number {
    const before = this.context;
    this.context =
      this.contexts.push({ ...nowhere, ...fields, kind, parent: before, fn: this.frame.fn, start }) - 1;
    return before;
  }

  /** Enters copies of known contexts, outermost first, inside the current one. */
  reenter(contexts: readonly number[]): void {
    for (const at of contexts) {
      const { kind, parent: _, start, ...fields } = this.contexts[at]!;
      this.enter(kind, start, fields);
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
