// Reasons why code must not run under a lock, or would not be protected by one.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal } from "../fix.ts";
import { givenAway, isReadLater } from "../iteration/givenIterators.ts";
import type { Region } from "../region/codeUnderLock.ts";
import { bodyOf, executedNodes, functionAround, nameOf } from "../scopes.ts";
import { refuseUnknownLocks } from "./foreignCode.ts";
import { LocalCalls } from "./reentrance.ts";

/** @param access the node of the access that the finding is about */
export function refuseHazards(tree: CompactTree, region: Region, access: number, lock: string): void {
  refuseBrokenCode(tree, region);
  const fn = functionAround(tree, region.statements[0]!);
  if (functionAround(tree, access) !== fn) {
    throw new Refusal("The access runs later, in a function of its own, when the lock would be free again.");
  }
  if (fn !== 0 && tree.kind(fn) === Kind.FunctionDefinition && nameOf(tree, fn) === "__del__") {
    throw new Refusal("`__del__` can run in a thread that already holds the lock, which would wait forever.");
  }
  if (isReadLater(tree, region, access) && givenAway(tree, access) === 0) {
    throw new Refusal("The generator runs later, when the lock would be free again.");
  }
  refuseUnknownLocks(tree, region, lock);
  for (const node of executedNodes(tree, region.statements)) refuseNode(tree, node, lock);
  for (const statement of region.statements) {
    if (tree.kind(statement) === Kind.WhileStatement && isAlwaysTrue(tree, statement)) {
      throw new Refusal("The endless loop would never give the lock back.");
    }
  }
}

/** Whether running the statement may take as long as another thread, a file, a network or a process likes. */
export function isLong(tree: CompactTree, statement: number): boolean {
  try {
    for (const node of executedNodes(tree, [statement])) refuseNode(tree, node, "");
  } catch (error) {
    if (error instanceof Refusal) return true;
    throw error;
  }
  return slowCall(tree, { block: tree.parent(statement), statements: [statement] }) !== undefined;
}

function refuseNode(tree: CompactTree, node: number, lock: string): void {
  switch (tree.kind(node)) {
    case Kind.Await:
      throw new Refusal("The code awaits in between; a thread lock held there would block the event loop.");
    case Kind.Yield:
      throw new Refusal("The code yields in between; the lock would stay taken until the caller comes back.");
    case Kind.ForStatement:
    case Kind.WithStatement:
    case Kind.ForInClause:
      if (tree.text.startsWith("async", tree.start(node))) {
        throw new Refusal("The code awaits in between; a thread lock held there would block the event loop.");
      }
      return;
    case Kind.Call: {
      const callee = tree.source(tree.child(node, Field.Function));
      if (callee === "sleep" || callee.endsWith(".sleep")) {
        throw new Refusal(
          "The code sleeps in between, and every thread that needs the lock would wait as long.",
        );
      }
      const waits = waitingCall(tree, node, lock);
      if (waits !== undefined) {
        throw new Refusal(`\`${waits}\` waits for another thread, which may need the same lock to go on.`);
      }
      const endless = endlessCall(tree, node);
      if (endless !== undefined) {
        throw new Refusal(
          `\`${endless}\` may wait for ever, and every thread that needs the lock would wait as long.`,
        );
      }
    }
  }
}

/** The source of a call that waits for a process, a peer or somebody at the keyboard, however long that takes. */
function endlessCall(tree: CompactTree, call: number): string | undefined {
  const callee = tree.source(tree.child(call, Field.Function)).replace(/\s+/g, "");
  const isEndless =
    /^(os\.)?(wait|wait3|wait4|waitid|waitpid)$/.test(callee) ||
    /^(input|raw_input|getpass|getpass\.getpass)$/.test(callee) ||
    /(^|\.)stdin\.read\w*$/.test(callee) ||
    /(^|\.)select\.select$/.test(callee) ||
    /(^|[._])(sel|selector|poller|epoll|kqueue)\.(select|poll|control)$/i.test(callee) ||
    /\.(accept|recv|recvfrom|recv_into|recvmsg)$/.test(callee);
  return isEndless ? `${callee}()` : undefined;
}

/** The source of a call that waits for another thread, other than a condition's own `wait`. */
function waitingCall(tree: CompactTree, call: number, lock: string): string | undefined {
  const callee = tree.child(call, Field.Function);
  if (tree.kind(callee) !== Kind.Attribute) return undefined;
  const method = tree.source(tree.child(callee, Field.Attribute));
  const receiver = tree.child(callee, Field.Object);
  const hasArguments = tree.childrenOf(call, Field.Arguments).length > 0;
  const waits =
    method === "wait" ||
    method === "wait_for" ||
    method === "acquire" ||
    (method === "result" && !hasArguments) ||
    (method === "join" && !hasArguments && tree.kind(receiver) !== Kind.String);
  return waits && tree.source(receiver) !== lock ? `${tree.source(callee)}()` : undefined;
}

function isAlwaysTrue(tree: CompactTree, loop: number): boolean {
  return /^\(?\s*(True|[1-9]\d*)\s*\)?$/.test(tree.source(tree.child(loop, Field.Condition)));
}

/** Syntax errors make the extent of statements a guess, in the whole top-level statement they touch. */
function refuseBrokenCode(tree: CompactTree, region: Region): void {
  let top = region.statements[0]!;
  while (tree.parent(top) > 0) top = tree.parent(top);
  const neighbours = tree.children(0);
  const at = neighbours.indexOf(top);
  const near = neighbours.slice(Math.max(0, at - 1), at + 2);
  const isBroken = near.some((statement) => {
    const whole = statement === top;
    if (!whole) return tree.kind(statement) === Kind.Error;
    for (let n = statement; n < tree.subtreeEnd(statement); n += 1) {
      if (tree.kind(n) === Kind.Error) return true;
    }
    return false;
  });
  if (isBroken) throw new Refusal("The code around it has syntax errors.");
}

/**
 * A return of the container itself: its caller goes on with it when the lock is free again.
 * @param receiver what stands before the container's name, if anything does
 */
export function refuseLeak(
  tree: CompactTree,
  region: Region,
  name: string,
  receiver: string | undefined,
): void {
  for (const node of executedNodes(tree, region.statements)) {
    if (tree.kind(node) !== Kind.ReturnStatement || tree.firstChild(node) === 0) continue;
    const value = tree.source(tree.firstChild(node));
    if (value === (receiver === undefined ? name : `${receiver}.${name}`)) {
      throw new Refusal(
        "The container itself is returned, and its callers would use it without the lock; return a copy instead.",
      );
    }
  }
}

const slowFunctions =
  /^(open|urlopen|urlretrieve|create_connection|wrap_socket|do_handshake|gethostbyaddr|getfqdn|check_call|check_output|getaddrinfo|gethostbyname|system|popen|Popen)$/;
const slowMethods =
  /^(read|read1|readinto|readline|readlines|sendall|connect|execute|executemany|commit|fetchall|fetchone|request|getresponse|communicate|flush|fsync)$/;
const slowModules = /^(requests|httpx|urllib\.request|subprocess|shutil)\./;

/** A call that keeps other threads waiting for as long as a file, a network or a process takes. */
export function slowCall(tree: CompactTree, region: Region): string | undefined {
  for (const node of executedNodes(tree, region.statements)) {
    if (tree.kind(node) !== Kind.Call) continue;
    const callee = tree.child(node, Field.Function);
    const written = tree.source(callee).replace(/\s+/g, "");
    const isMethod = tree.kind(callee) === Kind.Attribute;
    const name = written.slice(written.lastIndexOf(".") + 1);
    if (slowModules.test(written) || slowFunctions.test(name) || (isMethod && slowMethods.test(name))) {
      return `${written.length > 40 ? `….${name}` : written}()`;
    }
  }
  return undefined;
}

/** A function of the same file, reached from the region, that keeps others waiting for a file, a network or a sleep. */
export function longHelper(tree: CompactTree, region: Region): string | undefined {
  const isLongOne = (fn: number) => bodyOf(tree, fn).some((statement) => isLong(tree, statement));
  const helper = new LocalCalls(tree).reaches(region, isLongOne);
  return helper === undefined ? undefined : `${helper}()`;
}
