// B13: documented as not thread-safe in every version.
import { mutates } from "../../program/operations.ts";
import { defineRule } from "../rule.ts";
export default defineRule(
  {
    name: "shared-insort",
    summary: "bisect.insort on a shared list searches and inserts in two steps.",
    family: "compound operations",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["argument"],
  },
  (view) => {
    const { access } = view;
    if (access.op !== "argument" || !/^insort(_left|_right)?$/.test(access.detail)) return undefined;
    return {
      conflicts: mutates,
      withItself: true,
      steps: [`searches \`${view.symbol}\` for the place`, "inserts there"],
      outcome: "another thread inserts in between and the list is no longer sorted",
    };
  },
);
