// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "nanobind-not-opted-in",
  summary: "A nanobind module is built without `FREE_THREADED`.",
  family: "builds",
  severity: "warning",
  status: "stable",
  lockRepairs: false,
});
