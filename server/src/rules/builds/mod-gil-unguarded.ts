// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "mod-gil-unguarded",
  summary:
    "`Py_mod_gil` is used without a guard, though the project supports versions of CPython that do not have it.",
  family: "builds",
  severity: "warning",
  status: "stable",
  lockRepairs: false,
});
