// Reported by the audit of build files and native sources, see server/src/builds.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "wrong-free-threading-classifier",
  summary: "A classifier about free threading is not one that the package index knows.",
  family: "builds",
  severity: "information",
  status: "stable",
  lockRepairs: false,
});
