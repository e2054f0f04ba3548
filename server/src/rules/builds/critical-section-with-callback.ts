// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "critical-section-with-callback",
  summary: "A critical section of C code calls code that may suspend it.",
  family: "builds",
  severity: "information",
  status: "preview",
  lockRepairs: false,
});
