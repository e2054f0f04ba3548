// F5: archives and compressed files keep one position and one state; only ZipFile's reading has a lock.
import type { Access } from "../../facts/facts.ts";
import type { AccessView } from "../accessView.ts";
import type { Match } from "../rule.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "shared-archive",
    summary: "Several threads use one tar archive or compressed file, or write to one zip archive.",
    family: "objects not safe to share",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    if (view.holds("zip-archive")) {
      return matchOf(view, /^(write|writestr|mkdir)$/, {
        steps: [`begins a member of \`${view.symbol}\``, "writes it"],
        outcome:
          "the other thread gets ValueError, because a member is being written, and its file is missing",
        remedy: "Hold one lock, or let the threads prepare the data, and one of them write.",
      });
    }
    if (view.holds("tar-archive")) {
      return matchOf(
        view,
        /^(add|addfile|extract|extractall|extractfile|getmember|getmembers|getnames|next)$/,
        {
          steps: [`moves the one file position of \`${view.symbol}\``, "reads or writes there"],
          outcome: "members are mixed up or the archive is damaged",
          remedy: "Hold one lock, or open the archive once per thread for reading; let one thread write.",
        },
      );
    }
    if (view.holds("compressed-file")) {
      return matchOf(view, /^(read|read1|readinto|readline|readlines|write|writelines|seek|peek|__next__)$/, {
        steps: [`passes data through the one coder of \`${view.symbol}\``, "takes what comes out"],
        outcome: "data come out in the wrong order or are lost; LZMAFile and BZ2File take no lock",
        remedy: "Hold one lock, or open the file once per thread.",
      });
    }
    return undefined;
  },
);

function matchOf(
  { access }: AccessView,
  methods: RegExp,
  words: Pick<Match, "steps" | "outcome" | "remedy">,
): Match | undefined {
  const isUse = ({ op, detail }: Access) => op === "iterate" || (op === "method" && methods.test(detail));
  return isUse(access) ? { conflicts: isUse, withItself: true, ...words } : undefined;
}
