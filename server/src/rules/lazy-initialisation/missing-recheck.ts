// C3: double-checked locking without the second check.

import { defineRule } from "../rule.ts";
import { lazyInitialisation } from "../shapes/lazyInit.ts";
export default defineRule(
  {
    name: "missing-recheck",
    summary: "A lock is taken after the test, and the test is not repeated inside.",
    family: "lazy initialisation",
    severity: "error",
    status: "stable",
    lockRepairs: true,
    on: ["rebind"],
  },
  (view) => {
    const match = lazyInitialisation(view);
    if (match?.first === undefined || !view.isLockedSince(match.first)) return undefined;
    return {
      ...match,
      outcome: "two threads that both saw it missing create it one after the other, lock or no lock",
    };
  },
);
