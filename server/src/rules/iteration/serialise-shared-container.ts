// D7: `json.dumps(state)` while another thread adds keys.
import { mutates } from "../../program/operations.ts";
import { defineRule } from "../rule.ts";
export default defineRule(
  {
    name: "serialise-shared-container",
    summary: "A container is serialised or deep-copied while other threads change it.",
    family: "iteration",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["argument"],
  },
  (view) => {
    const { access } = view;
    if (
      access.op !== "argument" ||
      !/^(dumps?|deepcopy|pprint|pformat)$/.test(access.detail) ||
      !view.isContainer
    )
      return undefined;
    return {
      conflicts: (other) => mutates(other) && other.op !== "rebind",
      withItself: false,
      steps: [`walks through \`${view.symbol}\``, "goes on to the next element"],
      outcome:
        view.target === "3.13"
          ? "the call raises RuntimeError, and json and pickle can crash 3.13t"
          : "the call raises RuntimeError or writes a state that never was",
    };
  },
);
