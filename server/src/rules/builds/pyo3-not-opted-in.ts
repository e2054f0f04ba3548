// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "pyo3-not-opted-in",
  summary: "A PyO3 module cannot be built for free-threaded CPython, or does not keep the GIL off.",
  family: "builds",
  severity: "warning",
  status: "stable",
  lockRepairs: false,
});
