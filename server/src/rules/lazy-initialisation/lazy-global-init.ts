// C1: `if _client is None: _client = Client()`.

import { defineRule } from "../rule.ts";
import { lazyInitialisation } from "../shapes/lazyInit.ts";
export default defineRule(
  {
    name: "lazy-global-init",
    summary: "A module global is created on first use without a lock.",
    family: "lazy initialisation",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["rebind"],
  },
  (view) => {
    if (view.location.kind !== "global" && view.location.kind !== "function") return undefined;
    return lazyInitialisation(view);
  },
);
