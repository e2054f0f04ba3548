// G10: waiting for something outside with a lock held makes every thread that needs the lock wait for it too.
import type { Call } from "../../facts/facts.ts";
import type { CallSite } from "../../program/callGraph.ts";
import { keyOf } from "../../program/fileNode.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule, type Issue } from "../rule.ts";
import { takenHere } from "../shapes/locks.ts";

/** Functions that wait for the network, a process or a person. */
const waiting: readonly string[] = [
  "input",
  "os.system",
  "select.select",
  "socket.create_connection",
  "socket.getaddrinfo",
  "socket.gethostbyname",
  ...["run", "call", "check_call", "check_output", "getoutput"].map((name) => `subprocess.${name}`),
  ...["urlopen", "urlretrieve"].map((name) => `urllib.request.${name}`),
  ...["get", "post", "put", "patch", "delete", "head", "request"].flatMap((name) => [
    `requests.${name}`,
    `httpx.${name}`,
  ]),
];

export default defineFileRule(
  {
    name: "blocking-call-holding-lock",
    summary: "A call that can wait for long is made while a lock is held.",
    family: "locks",
    severity: "warning",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    const told = new Set<number>();
    for (const [call, what] of blockingCalls(view)) {
      if (told.has(call.start)) continue;
      const direct = issue(view, call, what, undefined);
      if (direct !== undefined) {
        told.add(call.start);
        yield direct;
        continue;
      }
      // One call further out: `with self._lock: self._shut_down()`.
      for (const { file, call: outer } of callers(view, call)) {
        const found =
          file !== view.file || told.has(outer.start) ? undefined : issue(view, outer, what, call);
        if (found === undefined) continue;
        told.add(outer.start);
        yield found;
      }
    }
  },
);

function callers(view: FileView, call: Call): readonly CallSite[] {
  return call.fn === 0 ? [] : view.program.callGraph.callersOf(keyOf(view.file, call.fn));
}

function issue(view: FileView, at: Call, what: string, inner: Call | undefined): Issue | undefined {
  for (const lock of view.locksAround(at.context)) {
    if (lock.kinds.has("semaphore")) continue; // lets several in; bounding slow work is what it is for
    const { start, end, fn } = at;
    const related = [takenHere(view, lock)];
    if (inner !== undefined)
      related.push({
        path: view.file.path,
        range: view.file.range(inner.start, inner.end),
        message: "this is what waits",
      });
    return {
      start,
      end,
      fn,
      symbol: lock.text,
      message: `${what} with \`${lock.text}\` held: every thread that needs the lock waits as long, and if what is waited for needs it too, for ever. Take what is needed, release the lock, wait, and take it again for the result.`,
      evidence: "likely",
      related,
    };
  }
  return undefined;
}

function* blockingCalls(view: FileView): Iterable<readonly [Call, string]> {
  for (const call of view.callsTo(...waiting))
    yield [call, `This waits in \`${view.externalName(call.callee)}\``];
  for (const call of view.callsNamed("get", "put", "join")) {
    if (isQueueWait(view, call)) yield [call, "This waits for a queue"];
  }
  for (const call of view.callsNamed("wait")) {
    if (kindsOf(view, call)?.has("event")) yield [call, "This waits for an event"];
  }
  for (const call of view.callsNamed("terminate", "join", "shutdown")) {
    if (isPoolWait(view, call)) yield [call, "This waits for the threads of a pool"];
  }
  for (const call of view.callsNamed("result")) {
    if (isFuture(view, call)) yield [call, "This waits for a future"];
  }
}

function kindsOf(view: FileView, call: Call) {
  const place = view.receiver(call);
  return place === undefined ? undefined : view.program.resolver.holding(view.file, place)?.kinds;
}

function lastNameOf(view: FileView, call: Call): string {
  const place = view.receiver(call);
  return place === undefined ? "" : (place.path.at(-1) ?? place.name);
}

/** Queues by what they are, or by their name and the arguments that only queues take. */
function isQueueWait(view: FileView, call: Call): boolean {
  const kinds = kindsOf(view, call);
  const method = view.file.place(call.callee).path.at(-1);
  if (kinds?.has("async-queue")) return false;
  const mayWait = call.args.some(({ keyword }) => keyword === "block" || keyword === "timeout");
  const isQueue =
    kinds?.has("queue") ||
    (/(^|_)(queue|q)$/i.test(lastNameOf(view, call)) && (mayWait || call.args.length === 0));
  if (!isQueue || call.args.some((a) => a.keyword !== "timeout" && a.literal === "False")) return false;
  if (isKnownFilled(view, call.context)) return false;
  // Only queues with a limit let a put wait, and then it often says how long.
  return method === "put" ? mayWait : true;
}

/** `if not queue.empty(): queue.get()`: those who take under the same lock find something. */
function isKnownFilled({ file }: FileView, context: number): boolean {
  const { contexts } = file.facts;
  for (let at = context; at !== 0; at = contexts[at]!.parent) {
    if (contexts[at]!.kind === "test" && /\.(empty|qsize)\(/.test(contexts[at]!.detail)) return true;
  }
  return false;
}

function isPoolWait(view: FileView, call: Call): boolean {
  if (call.args.some(({ keyword, literal }) => (keyword === "wait" || keyword === "") && literal === "False"))
    return false;
  const kinds = kindsOf(view, call);
  if (kinds?.has("executor") || kinds?.has("process-pool")) return true;
  return call.args.length === 0 && /(^|_)(pool|executor)$/i.test(lastNameOf(view, call));
}

/** What a `submit` returned. */
function isFuture(view: FileView, call: Call): boolean {
  const place = view.receiver(call);
  if (place === undefined) return false;
  const isSubmit = (index: number) => index >= 0 && view.file.place(index).path.at(-1) === "submit";
  if (place.root === "call") return isSubmit(place.owner);
  if (place.root !== "local" || place.path.length > 0) return false;
  return view.file
    .bindingsOf("local", place.owner, place.name)
    .some((binding) => binding.value === "call" && isSubmit(binding.source));
}
