// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "object-malloc-buffer",
  summary: "Memory for something other than Python objects is taken from the allocator of objects.",
  family: "builds",
  severity: "warning",
  status: "stable",
  lockRepairs: false,
});
