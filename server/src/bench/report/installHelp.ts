/** How to get the builds that a benchmark needs, by system. Nothing here installs anything. Pure. */

export interface InstallHelp {
  /** What is needed and what was found, one sentence. */
  readonly problem: string;
  readonly lookedAt: string;
  /** What to run, and with which tool. */
  readonly command: string;
  readonly how: string;
  readonly alternatives: readonly InstallWay[];
}

export interface InstallWay {
  readonly how: string;
  /** Absent where it is not a command. */
  readonly command?: string;
  /** Where it is described. */
  readonly link?: string;
}

const uvLink = "https://docs.astral.sh/uv/getting-started/installation/";
const pythonOrg: InstallWay = {
  how: "the python.org installer with its free-threaded option",
  link: "https://www.python.org/downloads/",
};

/**
 * @param found names of builds on this machine, like `3.12`
 * @param missing names of builds that would make a pair of one that is there
 */
export function installHelp(
  found: readonly string[],
  missing: readonly string[],
  platform: NodeJS.Platform,
): InstallHelp {
  const wanted = missing.length > 0 ? missing : ["3.13", "3.13t"];
  return {
    problem: `The benchmark needs one CPython 3.13 or later with the GIL and one free-threaded build of the same version; ${
      found.length > 0 ? `found only ${found.join(", ")}` : "found none"
    }.`,
    lookedAt:
      "Looked at: --python, PATH, the editor's selection, uv, pyenv, conda, and the usual places of this system.",
    command: `uv python install ${wanted.join(" ")}`,
    how: "with uv, for your user only",
    alternatives: [...systemWays(wanted, platform), { how: "uv itself", link: uvLink }],
  };
}

function systemWays(wanted: readonly string[], platform: NodeJS.Platform): InstallWay[] {
  switch (platform) {
    case "darwin":
      return [{ how: "with Homebrew", command: "brew install python-freethreading" }, pythonOrg];
    case "win32":
      return [
        { how: "with the Python install manager", command: `py install ${wanted.join(" ")}` },
        pythonOrg,
      ];
    default:
      return [
        { how: "with pyenv", command: wanted.map((name) => `pyenv install ${name}`).join(" && ") },
        { how: "with conda", command: "conda create -n python-ft -c conda-forge python-freethreading" },
      ];
  }
}
