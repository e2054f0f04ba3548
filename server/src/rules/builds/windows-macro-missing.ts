// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "windows-macro-missing",
  summary: "An extension module is compiled for Windows by hand without `Py_GIL_DISABLED`.",
  family: "builds",
  severity: "warning",
  status: "stable",
  lockRepairs: false,
});
