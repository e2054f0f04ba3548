// All rules: those asked about single accesses, in the order in which they are asked, and those about whole files.
import { catalogue } from "./catalogue.ts";
import type { DescribedRule, FileRule, Rule } from "./rule.ts";

/** The first that recognises an access speaks for it; rules that are not named here come after these. */
export const precedence: readonly string[] = [
  "missing-recheck",
  "lazy-lock-creation",
  "singleton-creation",
  "lazy-global-init",
  "lazy-attribute-init",
  "publish-before-complete",
  "shared-ordered-dict",
  "get-or-compute",
  "saved-and-restored-state",
  "global-read-modify-write",
  "class-read-modify-write",
  "instance-read-modify-write",
  "closure-read-modify-write",
  "read-modify-write-item",
  "counter-update",
  "defaultdict-missing-key",
  "shared-heap",
  "shared-insort",
  "in-place-sort",
  "queue-empty-check",
  "event-check-then-set",
  "check-then-act-mapping",
  "check-then-act-sequence",
  "check-then-act-attribute",
  "shared-reader",
  "shared-iterator",
  "deque-snapshot",
  "unsafe-snapshot",
  "weak-container-iteration",
  "iterate-shared-container",
  "serialise-shared-container",
  "mutable-default-argument",
  "inconsistent-guard",
  "leaked-guarded-container",
  "negative-index",
  "length-then-index",
  "move-between-containers",
  "compound-container-update",
  "mutable-class-default",
  "torn-attributes",
];

const rank = ({ meta }: DescribedRule): number => {
  const place = precedence.indexOf(meta.name);
  return place < 0 ? precedence.length : place;
};

export const allRules: readonly DescribedRule[] = catalogue;

/** Rules about single accesses. */
export const rules: readonly Rule[] = catalogue
  .filter((rule): rule is Rule => "match" in rule)
  .sort((a, b) => rank(a) - rank(b));

/** Rules about whole files; they speak for themselves. */
export const fileRules: readonly FileRule[] = catalogue.filter((rule): rule is FileRule => "inspect" in rule);
