// C2: `if self._table is None: self._table = self._build()`.

import { defineRule } from "../rule.ts";
import { lazyInitialisation } from "../shapes/lazyInit.ts";
export default defineRule(
  {
    name: "lazy-attribute-init",
    summary: "An attribute of a shared object is created on first use without a lock.",
    family: "lazy initialisation",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
    on: ["rebind"],
  },
  (view) => {
    if (view.location.kind !== "instance") return undefined;
    return lazyInitialisation(view);
  },
);
