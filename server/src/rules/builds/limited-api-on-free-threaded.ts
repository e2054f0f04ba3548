// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "limited-api-on-free-threaded",
  summary: "The limited C API is asked for on every build, though free-threaded 3.13 and 3.14 have none.",
  family: "builds",
  severity: "warning",
  status: "stable",
  lockRepairs: false,
});
