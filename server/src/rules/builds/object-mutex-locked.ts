// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "object-mutex-locked",
  summary: "C code locks the mutex of an object itself, which belongs to the interpreter.",
  family: "builds",
  severity: "error",
  status: "stable",
  lockRepairs: false,
});
