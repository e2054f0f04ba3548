// F7: objects that read or write step by step hold a half-done row, document or page between the steps.
import type { Access } from "../../facts/facts.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "shared-parser",
    summary: "Several threads feed one csv writer, XML parser, configuration or shelf.",
    family: "objects not safe to share",
    severity: "information",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    const { access, symbol, target } = view;
    if (view.holds("csv-writer") && writesRow(access)) {
      return {
        conflicts: writesRow,
        withItself: true,
        steps: [`builds a row in \`${symbol}\``, "writes it"],
        outcome:
          target === "3.13"
            ? "the rows are mixed, because a writer has one row and 3.13t takes no lock for it"
            : "the rows can be mixed: the documentation does not promise that threads may share a writer",
        severity: target === "3.13" ? "warning" : "information",
        remedy: "Hold one lock, or let one thread write what the others put into a queue.Queue.",
      };
    }
    if (view.holds("parser") && feeds(access)) {
      return {
        conflicts: (other) => feeds(other) || other.op === "iterate" || other.op === "method",
        withItself: true,
        steps: [`changes \`${symbol}\``, "goes on with what it has found so far"],
        outcome: "it works on a state that the other thread has half changed",
        remedy: "Hold one lock, or make a parser for each thread.",
        atLeast: "likely",
      };
    }
    if (view.holds("database") && stores(access)) {
      return {
        conflicts: (other) => stores(other) || other.op === "item-read" || other.op === "iterate",
        withItself: true,
        steps: [`writes to the file of \`${symbol}\``, "writes what leads there"],
        outcome: "entries are lost or the file is damaged: shelve and dbm do not support concurrent access",
      };
    }
    return undefined;
  },
);

function writesRow({ op, detail }: Access): boolean {
  return op === "method" && /^(writerow|writerows|writeheader)$/.test(detail);
}

function feeds({ op, detail }: Access): boolean {
  if (op === "item-store" || op === "item-delete") return true;
  return (
    op === "method" &&
    /^(Parse|ParseFile|set|add_section|read|read_file|read_string|read_dict|remove_section|remove_option|clear|update|pop)$/.test(
      detail,
    )
  );
}

function stores({ op, detail }: Access): boolean {
  if (op === "item-store" || op === "item-delete" || op === "item-augment") return true;
  return op === "method" && /^(sync|update|pop|popitem|setdefault|clear|reorganize)$/.test(detail);
}
