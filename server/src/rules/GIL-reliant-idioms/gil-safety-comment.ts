// L1, L10: a comment says that the GIL, or one bytecode, makes an update safe which is none.
import type { Access, Comment } from "../../facts/facts.ts";
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

/** Words that promise safety; those that deny it, or speak of a lock, take the promise back. */
const claim = /\bGIL\b|\batomic(ally)?\b|thread[- ]?safe|\b(one|single) (byte-?code|opcode)/i;
const denial =
  /\bnot\b|n't\b|\bnon-?atomic|\bun(safe|protected)|\bno[- ]?GIL\b|without (the|a) GIL|free[- ]?thread|\block(s|ed|ing)?\b|\bmutex\b|TODO|FIXME|\braces?\b|\brac[ey]/i;

export default defineFileRule(
  {
    name: "gil-safety-comment",
    summary: "A comment relies on the GIL for an update of shared data that is not atomic.",
    family: "GIL-reliant idioms",
    severity: "information",
    status: "preview",
    lockRepairs: false,
  },
  function* (view) {
    for (const comment of view.file.facts.comments) {
      if (
        !claim.test(comment.text) ||
        denial.test(comment.text.replace(/\b(without|no|needs no) (a |any )?lock(s|ing)?\b/i, ""))
      )
        continue;
      const access = view.file.facts.accesses.find((one) => isMeant(view, comment, one));
      const reach = access && view.reach(access.fn);
      if (access === undefined || reach === undefined) continue;
      const symbol = view.textOf(view.file.place(access.place));
      yield {
        start: access.start,
        end: access.end,
        fn: access.fn,
        symbol,
        message: `The comment counts on the GIL, and this update of \`${symbol}\` reads, computes and writes in several steps: without the GIL another thread's update comes in between and is lost. It never was guaranteed. Take a lock, or use one operation that is documented as atomic. ${reach.because}`,
        evidence: reach.evidence === "proven" ? "proven" : "likely",
        related: reach.trace,
      };
    }
  },
);

/** Whether a comment speaks of an access that is an update of shared data in several steps, without a lock. */
function isMeant(view: FileView, { from, to }: Comment, access: Access): boolean {
  if (access.op !== "augment" && access.op !== "item-augment") return false;
  if (access.start < from || access.end > to) return false;
  const { root } = view.file.place(access.place);
  if (root !== "global" && root !== "self" && root !== "class") return false;
  return [...view.locksAround(access.context)].length === 0;
}
