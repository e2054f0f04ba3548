// What a file's comments declare of locks and threads, as written:
//   # guarded-by: _lock          at an assignment: all other accesses hold the lock
//   # thread-confined            at an assignment or a class: one thread alone uses it
//   # threadproof: holds[_lock]  at a def: callers hold the lock
import type { Binding, Comment, FileFacts } from "../facts/facts.ts";

/** A span of the comment: the name of a lock, or the words of the declaration. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface GuardDeclaration extends Span {
  readonly lock: string;
  /** What the statement binds; empty when the comment stands at nothing that can be guarded. */
  readonly targets: readonly Binding[];
}

export interface ConfinementDeclaration extends Span {
  readonly targets: readonly Binding[];
  /** Index of the class that it stands at, else -1. */
  readonly cls: number;
}

export interface HoldsDeclaration extends Span {
  readonly lock: string;
  /** Index of the function, -1 when it stands at none. */
  readonly fn: number;
}

export interface Declarations {
  readonly guards: readonly GuardDeclaration[];
  readonly confinements: readonly ConfinementDeclaration[];
  readonly holds: readonly HoldsDeclaration[];
}

const none: Declarations = { guards: [], confinements: [], holds: [] };

const guardedBy = /#[ \t]*guarded-by[ \t]*:[ \t]*([\w.]+)/gi;
const threadConfined = /#[ \t]*(thread-confined)(?![\w-])/gi;
const holds = /#[ \t]*threadproof[ \t]*:[ \t]*holds[ \t]*\[([^\]]*)\]/gi;

export function readDeclarations(facts: FileFacts): Declarations {
  if (facts.comments.length === 0) return none;
  const guards: GuardDeclaration[] = [];
  const confinements: ConfinementDeclaration[] = [];
  const held: HoldsDeclaration[] = [];
  for (const comment of facts.comments) {
    for (const match of comment.text.matchAll(guardedBy)) {
      const lock = match[1]!.replace(/\.+$/, "");
      guards.push({ lock, ...spanOf(comment, match, lock), targets: targetsOf(facts, comment) });
    }
    for (const match of comment.text.matchAll(threadConfined)) {
      const cls = classAt(facts, comment);
      const targets = cls >= 0 ? [] : targetsOf(facts, comment);
      confinements.push({ ...spanOf(comment, match, match[1]!), targets, cls });
    }
    for (const match of comment.text.matchAll(holds)) {
      const fn = functionAt(facts, comment);
      for (const name of match[1]!.matchAll(/[^\s,]+/g)) {
        const start = comment.start + match.index + match[0].indexOf("[") + 1 + name.index;
        held.push({ lock: name[0], start, end: start + name[0].length, fn });
      }
    }
  }
  return { guards, confinements, holds: held };
}

function spanOf(comment: Comment, match: RegExpExecArray, word: string): Span {
  const start = comment.start + match.index + match[0].lastIndexOf(word);
  return { start, end: start + word.length };
}

/** Attributes and module variables bound by the one simple statement that a comment speaks of. */
function targetsOf(facts: FileFacts, comment: Comment): Binding[] {
  if (functionAt(facts, comment) >= 0 || classAt(facts, comment) >= 0) return [];
  return facts.bindings.filter(({ start, place, value }) => {
    if (!isWithin(comment, start) || value === "augmented") return false;
    const { root, path } = facts.places[place]!;
    return root === "global" ? path.length === 0 : (root === "self" || root === "class") && path.length === 1;
  });
}

/** The class that a comment stands at: at the end of its head, or above it. */
function classAt(facts: FileFacts, comment: Comment): number {
  const cls = facts.classes.findIndex(({ start }) => isWithin(comment, start));
  const fn = facts.functions.find(
    ({ start, name }, i) => i > 0 && name !== "<lambda>" && isWithin(comment, start),
  );
  return cls >= 0 && (fn === undefined || facts.classes[cls]!.start < fn.start) ? cls : -1;
}

function functionAt(facts: FileFacts, comment: Comment): number {
  const fn = facts.functions.findIndex(
    ({ start, name }, i) => i > 0 && name !== "<lambda>" && isWithin(comment, start),
  );
  const cls = facts.classes.find(({ start }) => isWithin(comment, start));
  return fn >= 0 && (cls === undefined || facts.functions[fn]!.start < cls.start) ? fn : -1;
}

function isWithin({ from, to }: Comment, offset: number): boolean {
  return offset >= from && offset < to;
}
