// All rules, in the order in which they are asked: the first that recognises an access speaks for it.

import cachedPropertyShared from "./cached-property-shared.ts";
import cachedSideEffects from "./cached-side-effects.ts";
import checkThenActAttribute from "./check-then-act-attribute.ts";
import checkThenActFile from "./check-then-act-file.ts";
import checkThenActMapping from "./check-then-act-mapping.ts";
import checkThenActSequence from "./check-then-act-sequence.ts";
import classReadModifyWrite from "./class-read-modify-write.ts";
import closureReadModifyWrite from "./closure-read-modify-write.ts";
import compoundContainerUpdate from "./compound-container-update.ts";
import counterUpdate from "./counter-update.ts";
import defaultdictMissingKey from "./defaultdict-missing-key.ts";
import dequeSnapshot from "./deque-snapshot.ts";
import eventCheckThenSet from "./event-check-then-set.ts";
import getOrCompute from "./get-or-compute.ts";
import globalReadModifyWrite from "./global-read-modify-write.ts";
import inPlaceSort from "./in-place-sort.ts";
import inconsistentGuard from "./inconsistent-guard.ts";
import instanceReadModifyWrite from "./instance-read-modify-write.ts";
import iterateSharedContainer from "./iterate-shared-container.ts";
import joinHoldingLock from "./join-holding-lock.ts";
import lazyAttributeInit from "./lazy-attribute-init.ts";
import lazyGlobalInit from "./lazy-global-init.ts";
import lazyLockCreation from "./lazy-lock-creation.ts";
import leakedGuardedContainer from "./leaked-guarded-container.ts";
import lengthThenIndex from "./length-then-index.ts";
import lockReacquired from "./lock-reacquired.ts";
import missingRecheck from "./missing-recheck.ts";
import moveBetweenContainers from "./move-between-containers.ts";
import mutableClassDefault from "./mutable-class-default.ts";
import mutableContextDefault from "./mutable-context-default.ts";
import mutableDefaultArgument from "./mutable-default-argument.ts";
import negativeIndex from "./negative-index.ts";
import publishBeforeComplete from "./publish-before-complete.ts";
import queueEmptyCheck from "./queue-empty-check.ts";
import readModifyWriteItem from "./read-modify-write-item.ts";
import type { FileRule, Rule } from "./rule.ts";
import serialiseSharedContainer from "./serialise-shared-container.ts";
import sharedHeap from "./shared-heap.ts";
import sharedInsort from "./shared-insort.ts";
import sharedIterator from "./shared-iterator.ts";
import sharedReader from "./shared-reader.ts";
import sharedTee from "./shared-tee.ts";
import singletonCreation from "./singleton-creation.ts";
import sleepHoldingLock from "./sleep-holding-lock.ts";
import tornAttributes from "./torn-attributes.ts";
import unlockedSingleton from "./unlocked-singleton.ts";
import unsafeSnapshot from "./unsafe-snapshot.ts";
import weakContainerIteration from "./weak-container-iteration.ts";

export const rules: readonly Rule[] = [
  missingRecheck,
  lazyLockCreation,
  singletonCreation,
  lazyGlobalInit,
  lazyAttributeInit,
  publishBeforeComplete,
  getOrCompute,
  globalReadModifyWrite,
  classReadModifyWrite,
  instanceReadModifyWrite,
  closureReadModifyWrite,
  readModifyWriteItem,
  counterUpdate,
  defaultdictMissingKey,
  sharedHeap,
  sharedInsort,
  inPlaceSort,
  queueEmptyCheck,
  eventCheckThenSet,
  checkThenActMapping,
  checkThenActSequence,
  checkThenActAttribute,
  sharedReader,
  sharedIterator,
  dequeSnapshot,
  unsafeSnapshot,
  weakContainerIteration,
  iterateSharedContainer,
  serialiseSharedContainer,
  mutableDefaultArgument,
  inconsistentGuard,
  leakedGuardedContainer,
  negativeIndex,
  lengthThenIndex,
  moveBetweenContainers,
  compoundContainerUpdate,
  mutableClassDefault,
  tornAttributes,
];

/** Rules about whole files; they speak for themselves. */
export const fileRules: readonly FileRule[] = [
  lockReacquired,
  joinHoldingLock,
  sleepHoldingLock,
  mutableContextDefault,
  unlockedSingleton,
  checkThenActFile,
  sharedTee,
  cachedPropertyShared,
  cachedSideEffects,
];
