// C4: `if self._lock is None: self._lock = Lock()`.

import { defineRule } from "../rule.ts";
import { lazyInitialisation } from "../shapes/lazyInit.ts";
export default defineRule(
  {
    name: "lazy-lock-creation",
    summary: "A lock is created on first use, so two threads can each get a lock of their own.",
    family: "lazy initialisation",
    severity: "error",
    status: "stable",
    lockRepairs: false,
    on: ["rebind"],
  },
  (view) => {
    if (!view.holds("lock", "rlock", "condition", "semaphore")) return undefined;
    const match = lazyInitialisation(view);
    if (match === undefined) return undefined;
    return { ...match, outcome: "two threads create a lock each, and neither keeps the other out" };
  },
);
