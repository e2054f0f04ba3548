// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "static-object-cache",
  summary: "A static variable of C code holds a Python object and is set without a lock.",
  family: "builds",
  severity: "warning",
  status: "stable",
  lockRepairs: false,
});
