// C8: `if cls._instance is None: cls._instance = …`.

import { defineRule } from "../rule.ts";
import { lazyInitialisation } from "../shapes/lazyInit.ts";
export default defineRule(
  {
    name: "singleton-creation",
    summary: "A class creates its only instance without a lock.",
    family: "lazy initialisation",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["rebind"],
  },
  (view) => {
    if (view.location.kind !== "class" || view.isThroughInstance) return undefined;
    return lazyInitialisation(view);
  },
);
