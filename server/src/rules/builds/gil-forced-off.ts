// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "gil-forced-off",
  summary: "The GIL is forced off for a program that is shipped, whatever its extension modules need.",
  family: "builds",
  severity: "information",
  status: "stable",
  lockRepairs: false,
});
