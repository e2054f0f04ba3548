// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "f2py-flag-missing",
  summary: "A module is made by f2py without the flag that keeps the GIL off.",
  family: "builds",
  severity: "warning",
  status: "stable",
  lockRepairs: false,
});
