// Which rewrites a rule's findings are offered, best first.
import { removeSuppression } from "../../suppressions/edits.ts";
import { lockAroundCache } from "./caches/lockedCache.ts";
import { withoutCache } from "./caches/uncached.ts";
import { notInterned, processorsOfProcess, uncachedProperty } from "./calls/otherFunction.ts";
import { startInstead, startLast, throughTheLoop } from "./calls/threads.ts";
import { attributePerThread, reentryGuardPerThread } from "./confinement/attributePerThread.ts";
import { immutableDefault } from "./confinement/contextDefault.ts";
import { contextInstead } from "./confinement/contextInstead.ts";
import { contextOfStarter, contextOfSubmitter, copyOfContext } from "./confinement/contexts.ts";
import { handedCopy, returnedCopy, serialisedCopy } from "./confinement/copies.ts";
import { defaultPerCall, defaultPerObject } from "./confinement/defaults.ts";
import { onePerThread } from "./confinement/onePerThread.ts";
import { ownGenerator } from "./confinement/ownGenerator.ts";
import { seededGenerator } from "./confinement/seededGenerator.ts";
import { stackPerThread } from "./confinement/stackPerThread.ts";
import { initInEachThread } from "./confinement/threadLocals.ts";
import { behindTheLock } from "./criticalSection/behindLock.ts";
import { waitOutside } from "./criticalSection/waits.ts";
import { eventInstead } from "./events/eventInstead.ts";
import { raisedIfTaken, takenIfFree, waitedFor } from "./locks/askingLocks.ts";
import { loopUnderLock, notifyUnderLock, waitInLoop } from "./locks/conditions.ts";
import { lockPerObject } from "./locks/dataclassLock.ts";
import { madeAtOnce } from "./locks/eagerLocks.ts";
import { heldForCall } from "./locks/heldByCaller.ts";
import { lookAgain, withInstead } from "./locks/heldLocks.ts";
import { lockedAlways } from "./locks/lockedAlways.ts";
import { lockLeftOut } from "./locks/lockLeftOut.ts";
import { lockOfClass } from "./locks/lockOfClass.ts";
import { interruptibleLock, reentrantLock, serializedIterator } from "./locks/made.ts";
import { contextVariableOfModule, lockOfModule, lockOfObject } from "./locks/madeOnce.ts";
import { defaultEntry } from "./oneStep/defaultEntry.ts";
import { pathInOneStep } from "./oneStep/files.ts";
import { emptyStoredOnce, firstStored } from "./oneStep/firstStored.ts";
import { lookedUpAtOnce } from "./oneStep/lookUpAtOnce.ts";
import { testedKey } from "./oneStep/mappings.ts";
import { countInstead } from "./oneStep/numbering.ts";
import { storedLast } from "./oneStep/publishLast.ts";
import { readOnce } from "./oneStep/readOnce.ts";
import { testedQueue, testedSequence } from "./oneStep/sequences.ts";
import type { Rewrite } from "./place.ts";
import { priorityQueue } from "./queues/priorityQueue.ts";
import { waitingQueue } from "./queues/waitingQueue.ts";
import { sumUnderLockOnce } from "./reduction/ownSums.ts";
import { mergeOnce, mergeUnderLockOnce } from "./reduction/partials.ts";

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
  "defaultdict-missing-key": [defaultEntry],
  "descriptor-cache": [firstStored],
  "get-or-compute": [firstStored],
  "gil-conditional-lock": [lockedAlways],
  "global-random-seed": [seededGenerator],
  "global-read-modify-write": [countInstead, sumUnderLockOnce],
  "inherited-context": [contextOfStarter],
  "instance-lock-for-shared-data": [lockOfClass],
  "instance-read-modify-write": [countInstead, sumUnderLockOnce],
  "join-holding-lock": [waitOutside],
  "lazy-lock-creation": [madeAtOnce],
  "leaked-guarded-container": [returnedCopy],
  "lock-copied": [lockPerObject, lockLeftOut],
  "lock-in-finalizer": [interruptibleLock],
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
  "polled-flag": [eventInstead],
  "publish-before-complete": [emptyStoredOnce, storedLast],
  "queue-empty-check": [testedQueue],
  "read-modify-write-item": [sumUnderLockOnce],
  "run-called-directly": [startInstead],
  "saved-and-restored-state": [contextInstead, attributePerThread],
  "serialise-shared-container": [serialisedCopy],
  "shared-connection": [onePerThread],
  "shared-context-stack": [stackPerThread],
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
  "wait-without-loop": [waitInLoop, loopUnderLock],
  "yield-holding-lock": [behindTheLock],
};
