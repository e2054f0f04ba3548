// F6: a client connection answers requests in turn; threads that share one read each other's answers.
import type { Access } from "../../facts/facts.ts";
import { defineRule } from "../rule.ts";

export default defineRule(
  {
    name: "shared-connection",
    summary: "Several threads use one client connection or session.",
    family: "objects not safe to share",
    severity: "information",
    status: "preview",
    lockRepairs: true,
  },
  (view) => {
    const { access } = view;
    if (view.holds("http-session") && isRequest(access)) {
      return {
        conflicts: isRequest,
        withItself: true,
        steps: [`sends a request through \`${view.symbol}\``, "keeps the cookies of the answer in it"],
        outcome:
          "the requests see each other's cookies; requests does not promise that threads may share a session",
        remedy: "A session for each thread, in a threading.local, is the documented way.",
        severity: "hint",
        atLeast: "likely",
      };
    }
    if (!view.holds("connection") || !talks(access)) return undefined;
    return {
      conflicts: talks,
      withItself: true,
      steps: [`sends a request over \`${view.symbol}\``, "reads the answer"],
      outcome: "it reads the answer of the other request, or the connection raises an error",
      remedy:
        "Hold one lock from request to answer, or open a connection for each thread, or keep some in a queue.Queue.",
      atLeast: "likely",
    };
  },
);

function isRequest({ op, detail }: Access): boolean {
  return op === "method" && /^(get|post|put|patch|delete|head|options|request|send)$/.test(detail);
}

/** Everything but the ends of a connection's life, and what only looks at it. */
function talks({ op, detail }: Access): boolean {
  return op === "method" && !/^(close|quit|logout|shutdown|set_debuglevel|set_pasv|fileno)$/.test(detail);
}
