// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "module-slot-missing",
  summary: "A C extension module does not declare that it runs without the GIL.",
  family: "builds",
  severity: "warning",
  status: "stable",
  lockRepairs: false,
});
