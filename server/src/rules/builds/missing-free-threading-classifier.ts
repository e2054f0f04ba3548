// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "missing-free-threading-classifier",
  summary:
    "A project that builds extension modules does not say with a classifier whether it supports free threading.",
  family: "builds",
  severity: "hint",
  status: "stable",
  lockRepairs: false,
});
