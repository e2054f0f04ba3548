/** The rules that speak of imports and dependencies. Their findings come from verdicts, not from one file's facts. */
import type { RuleMeta } from "../rules/rule.ts";

const shared = { family: "imports", status: "stable", lockRepairs: false } as const;

export const importEnablesGil: RuleMeta = {
  ...shared,
  name: "import-enables-gil",
  summary: "An import loads an extension module that switches the GIL back on.",
  severity: "warning",
};

export const noFreeThreadedBuild: RuleMeta = {
  ...shared,
  name: "no-free-threaded-build",
  summary: "An import or dependency has no compiled files for free-threaded CPython.",
  severity: "warning",
};

export const abi3OnFreeThreaded: RuleMeta = {
  ...shared,
  name: "abi3-on-free-threaded",
  summary:
    "A free-threaded environment holds an abi3 extension module, which 3.13t and 3.14t load and cannot run.",
  severity: "error",
};

export const gilImportInThread: RuleMeta = {
  ...shared,
  name: "gil-import-in-thread",
  summary:
    "A thread imports an extension module that switches the GIL back on, in the middle of the program.",
  severity: "information",
};

export const importRules: readonly RuleMeta[] = [
  importEnablesGil,
  noFreeThreadedBuild,
  abi3OnFreeThreaded,
  gilImportInThread,
];
