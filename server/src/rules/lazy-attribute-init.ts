// C2: `if self._table is None: self._table = self._build()`.
import { lazyInitialisation } from "./lazyInit.ts";
import { defineRule } from "./rule.ts";
export default defineRule(
  {
    name: "lazy-attribute-init",
    summary: "An attribute of a shared object is created on first use without a lock.",
    family: "lazy initialisation",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    if (view.location.kind !== "instance") return undefined;
    return lazyInitialisation(view);
  },
);
