// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "cython-too-old",
  summary: "The build admits only versions of Cython that cannot build for free-threaded CPython.",
  family: "builds",
  severity: "error",
  status: "stable",
  lockRepairs: false,
});
