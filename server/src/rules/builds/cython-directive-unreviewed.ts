// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "cython-directive-unreviewed",
  summary:
    "A Cython module declares that it needs no GIL while it changes objects of its module without a lock.",
  family: "builds",
  severity: "warning",
  status: "preview",
  lockRepairs: false,
});
