// Reported by the room that applies suppressions, which alone knows which of them had something to silence.
import { describeRule } from "../rule.ts";

export default describeRule({
  name: "unused-suppression",
  summary: "A comment silences findings that are not there.",
  family: "annotations",
  severity: "information",
  status: "stable",
  lockRepairs: false,
});
