// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "borrowed-reference-api",
  summary: "A C function hands out a borrowed reference, which another thread can make invalid.",
  family: "builds",
  severity: "information",
  status: "stable",
  lockRepairs: false,
});
