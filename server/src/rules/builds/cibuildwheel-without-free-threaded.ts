// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "cibuildwheel-without-free-threaded",
  summary:
    "Wheels are built for CPython with the GIL and not for the free-threaded builds of the same versions.",
  family: "builds",
  severity: "hint",
  status: "stable",
  lockRepairs: false,
});
