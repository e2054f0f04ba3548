// Which code runs so often, with so little else around it, that touching shared data decides how it scales.
import type { Call } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";

/** Below so many rounds a loop is over before threads get into each other's way. */
const fewRounds = 1000;

/** How much of a loop's head is looked at for `in (1, 2)`: a handful of things that stand in the source. */
const widestHead = 120;

/** Calls that take well under a microsecond beside their arguments. */
const cheapBuiltins =
  /^(len|range|enumerate|zip|int|float|str|bool|abs|min|max|round|divmod|ord|chr|isinstance|hash|id|tuple|next|iter)$/;
const cheapMethods =
  /^(append|appendleft|pop|popleft|add|discard|get|setdefault|items|keys|values|update|count|index|lower|upper|strip|startswith|endswith|acquire|release)$/;

/** The innermost loop around a place of the code, as an index of the file's contexts; undefined outside of loops. */
export function loopAround({ file }: FileView, context: number): number | undefined {
  const { contexts } = file.facts;
  for (let at = context; at !== 0; at = contexts[at]!.parent) {
    if (contexts[at]!.kind === "loop") return at;
  }
  return undefined;
}

/**
 * Whether a loop may go round very often and does next to nothing but what stands there: every call in it is a cheap
 * builtin, a cheap method or one that `known` accepts. A loop that waits, reads, writes or calls something unknown has
 * other costs.
 */
export function isTight(view: FileView, loop: number, known: (call: Call) => boolean): boolean {
  const { facts } = view.file;
  const { fn, start } = facts.contexts[loop]!;
  if (facts.suspensions.some((s) => s.fn === fn && isInside(view, s.context, loop))) return false;
  const rounds = facts.calls.find((c) => c.fn === fn && c.start > start && isRangeOf(view, c, loop));
  if (rounds !== undefined && isShort(rounds)) return false;
  if (/^.*\bin\s*[[({"']/.test(view.text.slice(start, start + widestHead))) return false;
  return facts.calls.every(
    (call) => call.fn !== fn || !isInside(view, call.context, loop) || known(call) || isCheap(view, call),
  );
}

export function isInside({ file }: FileView, context: number, loop: number): boolean {
  for (let at = context; at !== 0; at = file.facts.contexts[at]!.parent) if (at === loop) return true;
  return false;
}

/** The call of `range` in the loop's head: it stands outside of the loop's own context, right behind its start. */
function isRangeOf(view: FileView, call: Call, loop: number): boolean {
  if (call.callee < 0 || isInside(view, call.context, loop)) return false;
  const head = view.text.slice(view.file.facts.contexts[loop]!.start, call.end);
  return !head.includes("\n") && view.externalName(call.callee) === "range";
}

function isShort({ args }: Call): boolean {
  const last = args.length > 1 ? args[1] : args[0];
  return (
    last !== undefined &&
    /^[\d_]+$/.test(last.literal) &&
    Number(last.literal.replaceAll("_", "")) < fewRounds
  );
}

function isCheap(view: FileView, call: Call): boolean {
  if (call.callee < 0) return false;
  const { name, path } = view.file.place(call.callee);
  const method = path.at(-1);
  if (/^(math|random)\.\w+$/.test(view.externalName(call.callee) ?? "")) return true;
  if (method === undefined) return cheapBuiltins.test(name);
  if (!cheapMethods.test(method)) return false;
  const receiver = view.receiver(call);
  const kinds = receiver && view.program.resolver.holding(view.file, receiver)?.kinds;
  // `queue.get()` waits.
  return kinds === undefined || !(kinds.has("queue") || kinds.has("event") || kinds.has("async-queue"));
}
