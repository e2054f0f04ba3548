// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "warnings-as-errors-hide-gil",
  summary:
    "Tests turn warnings into errors, so that a module that switches the GIL on looks like one that fails to import.",
  family: "builds",
  severity: "information",
  status: "stable",
  lockRepairs: false,
});
