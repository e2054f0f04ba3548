// Code that can run at any moment, in the middle of a thread that holds a lock: finalisers, callbacks of weak
// references, signal handlers.
import { Field, Kind } from "../../../../grammars/python/symbols.ts";
import type { GuardRequest } from "../../findings/finding.ts";
import type { CompactTree } from "../../syntax/compactTree.ts";
import { Refusal } from "../fix.ts";
import type { GuardedCode } from "../region/codeUnderLock.ts";
import { bodyOf, lastName, nameOf, parametersOf } from "../scopes.ts";
import { isReentrant, LocalCalls } from "./reentrance.ts";

interface Interruption {
  /** The function that runs so. */
  readonly fn: number;
  readonly as: "a finaliser" | "a signal handler";
}

/**
 * Refuses locks that such code would wait for while its own thread holds them.
 * @returns whether it gets to the guarded code by calls, so that the lock has to let its holder in
 */
export function isInterrupted(guard: GuardRequest, code: readonly GuardedCode[]): boolean {
  let isReached = false;
  for (const { source, fn } of code) {
    const { tree } = source;
    // Nobody holds the lock of an object that is being finalised.
    const interruptions = interruptionsOf(tree).filter(
      ({ as }) => as === "a signal handler" || guard.scope !== "instance",
    );
    const own = interruptions.find((one) => one.fn === fn);
    if (own !== undefined) {
      throw new Refusal(
        `\`${nameOf(tree, fn)}\` runs as ${own.as}, perhaps in a thread that already holds the lock, which would wait forever.`,
      );
    }
    const calls = interruptions.length === 0 ? undefined : new LocalCalls(tree);
    const from = interruptions.find(
      (one) => calls!.reaches({ block: 0, statements: bodyOf(tree, one.fn) }, (f) => f === fn) !== undefined,
    );
    if (from === undefined) continue;
    if (guard.existingLock !== undefined && !isReentrant(tree, guard.existingLock)) {
      throw new Refusal(
        `\`${nameOf(tree, from.fn)}\` runs as ${from.as} and comes here, perhaps in a thread that already holds \`${guard.existingLock}\`, which would wait forever.`,
      );
    }
    isReached = true;
  }
  return isReached;
}

/** `def on_signal(signum, frame)`, however it is registered. */
function takesFrame(tree: CompactTree, fn: number): boolean {
  const names = parametersOf(tree, fn);
  const at = names.findIndex((name) => /^(signum|signo|sig|sig_?num|signal_?number)$/.test(name));
  return at >= 0 && /^_?(frame|frm)$/.test(names[at + 1] ?? "");
}

function interruptionsOf(tree: CompactTree): Interruption[] {
  const names = new Map<string, Interruption["as"]>();
  const found: Interruption[] = [];
  for (let node = 1; node < tree.count; node += 1) {
    switch (tree.kind(node)) {
      case Kind.Assignment: {
        const isFinaliser = tree.source(tree.child(node, Field.Left)) === "__del__";
        if (isFinaliser) names.set(tree.source(tree.child(node, Field.Right)), "a finaliser");
        break;
      }
      case Kind.Call: {
        const callee = tree.source(tree.child(node, Field.Function));
        const [, handler] = tree.childrenOf(node, Field.Arguments);
        if (handler === undefined) break;
        if (callee === "signal.signal") names.set(lastName(tree.source(handler)), "a signal handler");
        if (/^(weakref\.)?(ref|proxy|finalize|WeakMethod)$/.test(callee)) {
          names.set(lastName(tree.source(handler)), "a finaliser");
        }
      }
    }
  }
  for (let node = 1; node < tree.count; node += 1) {
    if (tree.kind(node) !== Kind.FunctionDefinition) continue;
    const name = nameOf(tree, node);
    const as =
      name === "__del__" ? "a finaliser" : takesFrame(tree, node) ? "a signal handler" : names.get(name);
    if (as !== undefined) found.push({ fn: node, as });
  }
  return found;
}
