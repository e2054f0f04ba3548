// L11: `PYTHONMALLOC=malloc` or `pymalloc`: free-threaded builds only have mimalloc.
import type { FileView } from "../fileView.ts";
import { defineFileRule } from "../rule.ts";

const value = /^["'](malloc|malloc_debug|pymalloc|pymalloc_debug)["']$/;
const entry = /["']PYTHONMALLOC["']\s*:\s*["'](malloc|malloc_debug|pymalloc|pymalloc_debug)["']/;
const keyword = /\bPYTHONMALLOC\s*=\s*["'](malloc|malloc_debug|pymalloc|pymalloc_debug)["']/;
const pair = /\(\s*["']PYTHONMALLOC["']\s*,\s*["'](malloc|malloc_debug|pymalloc|pymalloc_debug)["']/;

interface Spot {
  readonly start: number;
  readonly end: number;
  readonly fn: number;
}

export default defineFileRule(
  {
    name: "malloc-option",
    summary: "PYTHONMALLOC names an allocator that free-threaded builds do not have.",
    family: "GIL-reliant idioms",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    if (!view.text.includes("PYTHONMALLOC")) return;
    for (const { start, end, fn } of places(view)) {
      yield {
        start,
        end,
        fn,
        symbol: "PYTHONMALLOC",
        message:
          "Free-threaded builds need mimalloc, whose heaps belong to threads: an interpreter that is told to use malloc or pymalloc refuses to start there. Leave the variable out, or set it to mimalloc or debug.",
        evidence: "likely",
        related: [],
      };
    }
  },
);

function* places({ file, text }: FileView): Iterable<Spot> {
  for (const access of file.facts.accesses) {
    if (access.op !== "item-store" || !/^["']PYTHONMALLOC["']$/.test(access.view)) continue;
    const stored = text
      .slice(access.end, access.statementEnd)
      .replace(/^\s*\]?\s*=\s*/, "")
      .trim();
    if (value.test(stored)) yield access;
  }
  const telling = file.facts.calls.filter(({ start, end }) => tells(text.slice(start, end)));
  // The innermost call: what is around it repeats its text.
  for (const call of telling) {
    const isAround = telling.some(
      ({ start, end }) => start >= call.start && end <= call.end && end - start < call.end - call.start,
    );
    if (!isAround) yield call;
  }
}

/** `setenv("PYTHONMALLOC", "malloc")`, `run(…, env={"PYTHONMALLOC": "malloc"})`, `dict(PYTHONMALLOC="malloc")`. */
function tells(call: string): boolean {
  return entry.test(call) || keyword.test(call) || pair.test(call);
}
