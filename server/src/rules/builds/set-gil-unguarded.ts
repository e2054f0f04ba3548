// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "set-gil-unguarded",
  summary: "`PyUnstable_Module_SetGIL` is called in builds with the GIL too, where it does not exist.",
  family: "builds",
  severity: "error",
  status: "stable",
  lockRepairs: false,
});
