// Which rewrites a rule's findings are offered, best first.
import { removeSuppression } from "../../suppressions/edits.ts";
import { raisedIfTaken, takenIfFree, waitedFor } from "./askingLocks.ts";
import { attributePerThread, reentryGuardPerThread } from "./attributePerThread.ts";
import { behindTheLock } from "./behindLock.ts";
import { notifyUnderLock, waitInLoop } from "./conditions.ts";
import { immutableDefault } from "./contextDefault.ts";
import { contextInstead } from "./contextInstead.ts";
import { contextOfStarter, contextOfSubmitter, copyOfContext } from "./contexts.ts";
import { handedCopy, returnedCopy, serialisedCopy } from "./copies.ts";
import { lockPerObject } from "./dataclassLock.ts";
import { defaultPerCall, defaultPerObject } from "./defaults.ts";
import { madeAtOnce } from "./eagerLocks.ts";
import { pathInOneStep } from "./files.ts";
import { emptyStoredOnce, firstStored } from "./firstStored.ts";
import { heldForCall } from "./heldByCaller.ts";
import { lookAgain, withInstead } from "./heldLocks.ts";
import { lockedAlways } from "./lockedAlways.ts";
import { lockAroundCache } from "./lockedCache.ts";
import { lockLeftOut } from "./lockLeftOut.ts";
import { lockOfClass } from "./lockOfClass.ts";
import { lookedUpAtOnce } from "./lookUpAtOnce.ts";
import { reentrantLock, serializedIterator } from "./made.ts";
import { contextVariableOfModule, lockOfModule, lockOfObject } from "./madeOnce.ts";
import { testedKey } from "./mappings.ts";
import { countInstead } from "./numbering.ts";
import { onePerThread } from "./onePerThread.ts";
import { notInterned, processorsOfProcess, uncachedProperty } from "./otherFunction.ts";
import { ownGenerator } from "./ownGenerator.ts";
import { sumUnderLockOnce } from "./ownSums.ts";
import { mergeOnce, mergeUnderLockOnce } from "./partials.ts";
import type { Rewrite } from "./place.ts";
import { priorityQueue } from "./priorityQueue.ts";
import { storedLast } from "./publishLast.ts";
import { readOnce } from "./readOnce.ts";
import { testedQueue, testedSequence } from "./sequences.ts";
import { initInEachThread } from "./threadLocals.ts";
import { startInstead, startLast, throughTheLoop } from "./threads.ts";
import { withoutCache } from "./uncached.ts";
import { waitingQueue } from "./waitingQueue.ts";
import { waitOutside } from "./waits.ts";

export const rewrites: Readonly<Record<string, readonly Rewrite[]>> = {
  "acquire-result-ignored": [raisedIfTaken, waitedFor],
  "acquire-without-finally": [withInstead],
  "args-mutated-after-start": [handedCopy],
  "blocking-call-holding-lock": [waitOutside],
  "cached-side-effects": [lockAroundCache, withoutCache],
  "cached-thread-local": [uncachedProperty],
  "callback-holding-lock": [behindTheLock],
  "caller-must-hold": [heldForCall],
  "check-then-act-attribute": [reentryGuardPerThread],
  "check-then-act-file": [pathInOneStep],
  "check-then-act-mapping": [(place) => testedKey(place) ?? lookedUpAtOnce(place)],
  "check-then-act-sequence": [waitingQueue, testedSequence],
  "check-then-use-attribute": [readOnce],
  "class-read-modify-write": [sumUnderLockOnce],
  "closure-read-modify-write": [sumUnderLockOnce],
  "context-run-twice": [copyOfContext],
  "contextvar-in-executor": [contextOfSubmitter],
  "contextvar-in-function": [contextVariableOfModule],
  "cpu-count-for-pool": [processorsOfProcess],
  "get-or-compute": [firstStored],
  "gil-conditional-lock": [lockedAlways],
  "global-read-modify-write": [countInstead, sumUnderLockOnce],
  "inherited-context": [contextOfStarter],
  "instance-lock-for-shared-data": [lockOfClass],
  "instance-read-modify-write": [countInstead, sumUnderLockOnce],
  "join-holding-lock": [waitOutside],
  "lazy-lock-creation": [madeAtOnce],
  "leaked-guarded-container": [returnedCopy],
  "lock-copied": [lockPerObject, lockLeftOut],
  "lock-in-hot-loop": [mergeUnderLockOnce],
  "lock-per-call": [lockOfModule, lockOfObject],
  "lock-reacquired": [reentrantLock],
  "locked-as-test": [takenIfFree],
  "loop-call-from-thread": [throughTheLoop],
  "missing-recheck": [lookAgain],
  "mutable-class-default": [defaultPerObject],
  "mutable-context-default": [immutableDefault],
  "mutable-default-argument": [defaultPerCall],
  "notify-without-lock": [notifyUnderLock],
  "publish-before-complete": [emptyStoredOnce, storedLast],
  "queue-empty-check": [testedQueue],
  "read-modify-write-item": [sumUnderLockOnce],
  "run-called-directly": [startInstead],
  "saved-and-restored-state": [contextInstead, attributePerThread],
  "serialise-shared-container": [serialisedCopy],
  "shared-connection": [onePerThread],
  "shared-heap": [priorityQueue],
  "shared-iterator": [serializedIterator],
  "shared-object-in-hot-loop": [mergeOnce],
  "shared-random-in-hot-loop": [ownGenerator],
  "shared-sqlite-connection": [onePerThread],
  "sleep-holding-lock": [waitOutside],
  "start-before-ready": [startLast],
  "thread-local-module-init": [initInEachThread],
  "unbounded-intern": [notInterned],
  "unused-suppression": [
    ({ finding, source }) => ({ ...removeSuppression(finding, source.text), isSafe: true }),
  ],
  "wait-without-loop": [waitInLoop],
  "yield-holding-lock": [behindTheLock],
};
