// E2: the working directory and the umask are the process's, not the thread's.
import { defineFileRule } from "../rule.ts";
import { changeByCall, episodes, issueOf } from "../shapes/processState.ts";

const directory = "the working directory";
const umask = "the umask";

export default defineFileRule(
  {
    name: "working-directory-change",
    summary: "The working directory or the umask is changed while other threads run.",
    family: "process-wide state",
    severity: "warning",
    status: "stable",
    lockRepairs: false,
  },
  function* (view) {
    const changes = [
      ...view
        .callsTo("os.chdir", "os.fchdir")
        .map((call) => changeByCall(call, directory, { undo: call.args[0]?.literal === "" })),
      ...view.callsTo("contextlib.chdir").map((call) => changeByCall(call, directory, { managed: true })),
      ...view.callsTo("os.umask").map((call) => changeByCall(call, umask)),
    ];
    for (const episode of episodes(view, changes)) {
      const isUmask = episode.change.state === umask;
      yield issueOf(
        view,
        episode,
        isUmask
          ? "Files that other threads create meanwhile get these permissions."
          : "Relative paths of all other threads lead elsewhere meanwhile: they read, write and delete in the wrong folder.",
        isUmask
          ? "Set the mode of the file itself, with os.open(…, mode=…) or os.fchmod."
          : "Use absolute paths, and cwd= for child processes.",
      );
    }
  },
);
