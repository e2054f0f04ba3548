// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "cython-directive-missing",
  summary: "A Cython module is built without the directive that keeps the GIL off.",
  family: "builds",
  severity: "warning",
  status: "stable",
  lockRepairs: false,
});
