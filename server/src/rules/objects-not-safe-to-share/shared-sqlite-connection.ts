// F1: `sqlite3` leaves it to the user to serialise the threads that use one connection; one cursor serves one thread.
import type { Access, Argument, Call } from "../../facts/facts.ts";
import type { AccessView } from "../accessView.ts";
import { defineRule } from "../rule.ts";

/** Where `check_same_thread` stands among the parameters of `sqlite3.connect`. */
const checkPosition = 4;

export default defineRule(
  {
    name: "shared-sqlite-connection",
    summary: "Several threads use one sqlite3 connection or cursor.",
    family: "objects not safe to share",
    severity: "warning",
    status: "stable",
    lockRepairs: true,
  },
  (view) => {
    const { access } = view;
    if (view.holds("sqlite-cursor") && usesCursor(access)) {
      return {
        conflicts: usesCursor,
        withItself: true,
        steps: [`runs a statement with \`${view.symbol}\``, "fetches its rows"],
        outcome: "it gets the rows of the other statement, or sqlite3 raises an error",
        remedy: "A cursor costs next to nothing: make one where it is used.",
      };
    }
    if (!view.holds("sqlite-connection") || !usesConnection(access)) return undefined;
    const checks = makersOf(view).map((call) => checkOf(call.args));
    if (checks.length > 0 && checks.every((check) => check === "True")) {
      return {
        conflicts: usesConnection,
        withItself: true,
        steps: [`uses \`${view.symbol}\``, "expects to be the thread that opened it"],
        outcome: "every thread but the one that opened the connection gets sqlite3.ProgrammingError",
        remedy: "Open a connection for each thread, in a threading.local.",
        atLeast: "proven",
      };
    }
    return {
      conflicts: (other) => usesConnection(other) && (writes(access) || writes(other)),
      withItself: writes(access),
      steps: [
        `runs a statement on \`${view.symbol}\``,
        writes(access) ? "ends the transaction" : "fetches the rows",
      ],
      outcome: writes(access)
        ? "both statements are in one transaction that either thread commits or rolls back, and sqlite3 can raise InterfaceError"
        : "it reads rows that the other thread has not committed, and sqlite3 can raise InterfaceError",
      remedy:
        "Hold one lock for a whole transaction, or open a connection for each thread, in a threading.local.",
      ...(checks.includes("False")
        ? { intent: "`check_same_thread=False` says that several threads use it." }
        : {}),
    };
  },
);

/** The calls whose results the location is bound to: `sqlite3.connect(…)`. */
function makersOf({ location }: AccessView): Call[] {
  const { file, kind, fn, cls, name } = location;
  if (name.includes(".")) return [];
  return file.facts.calls.filter(({ result }) => {
    if (result < 0) return false;
    const { root, owner, name: bound, path } = file.place(result);
    if (kind === "global") return root === "global" && bound === name && path.length === 0;
    if (kind === "closure") return root === "local" && owner === fn && bound === name && path.length === 0;
    return (root === "self" || root === "class") && owner === cls?.index && path.join(".") === name;
  });
}

/** What a call of `sqlite3.connect` says about threads; empty when it is computed. */
function checkOf(args: readonly Argument[]): string {
  const given =
    args.find((a) => a.keyword === "check_same_thread") ??
    args.filter((a) => a.keyword === "")[checkPosition];
  return given === undefined ? "True" : given.literal;
}

function usesConnection({ op, detail }: Access): boolean {
  return op === "method" && /^(execute|executemany|executescript|commit|rollback)$/.test(detail);
}

function usesCursor({ op, detail }: Access): boolean {
  return (
    op === "iterate" ||
    (op === "method" &&
      /^(execute|executemany|executescript|fetchone|fetchmany|fetchall|__next__)$/.test(detail))
  );
}

/** Whatever is no plain query; the text of the first argument tells. */
function writes({ detail, view }: Access): boolean {
  return detail !== "execute" || !/^\w{0,2}["']+\s*(select|explain)\b/i.test(view);
}
