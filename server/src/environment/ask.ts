/** Asks an executable what it is, in one isolated child process. Its name and place are never believed. */
import { execa } from "execa";
import { answerSchema, type Interpreter } from "./interpreter.ts";

/**
 * Printed between marks, because a shim or a `sitecustomize` may print lines of its own.
 * `pyvenv.cfg` is looked for by hand: with -S a virtual environment does not announce itself.
 */
const question = `
import json, os, sys
try:
    import sysconfig
    var = sysconfig.get_config_var
except Exception:
    var = lambda name: None
exe = sys.executable or ""
real = os.path.realpath(exe)
prefix = sys.prefix
for folder in (os.path.dirname(exe), os.path.dirname(os.path.dirname(exe))):
    if os.path.exists(os.path.join(folder, "pyvenv.cfg")):
        prefix = folder
gil = getattr(sys, "_is_gil_enabled", None)
print("\\n<<threadproof " + json.dumps({
    "implementation": sys.implementation.name,
    "version": list(sys.version_info[:3]),
    "releaseLevel": sys.version_info[3],
    "freeThreaded": bool(var("Py_GIL_DISABLED")),
    "gilEnabled": bool(gil()) if gil else True,
    "debug": hasattr(sys, "gettotalrefcount"),
    "configArgs": str(var("CONFIG_ARGS") or ""),
    "cc": str(var("CC") or ""),
    "compiler": sys.version[sys.version.rfind("[") + 1:].rstrip("] "),
    "executable": exe,
    "realpath": real,
    "prefix": prefix,
    "platform": sys.platform,
}) + " threadproof>>")
`;

export type Reply = { readonly interpreter: Interpreter } | { readonly reason: string };

/**
 * @param executable path of the candidate
 * @param timeoutMs how long it may take, milliseconds
 * @returns the interpreter, or why it is none; never throws
 */
export async function askInterpreter(executable: string, source: string, timeoutMs = 10_000): Promise<Reply> {
  const child = execa(executable, ["-I", "-S", "-c", question], {
    reject: false,
    stdin: "ignore",
    maxBuffer: 1 << 20,
    windowsHide: true,
    // A shim is a script: what it starts must end with it.
    detached: process.platform !== "win32",
  });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    try {
      process.kill(process.platform === "win32" ? child.pid! : -child.pid!, "SIGKILL");
    } catch {
      // It has just ended, or never started.
    }
  }, timeoutMs);
  const result = await child;
  clearTimeout(timer);
  if (late) {
    return { reason: `did not answer within ${timeoutMs / 1000} s` };
  }
  if (result.failed) {
    const last = result.stderr?.trim().split("\n").at(-1);
    return { reason: `fails when asked what it is: ${last || result.shortMessage}` };
  }
  return readReply(result.stdout, executable, source);
}

/** Reads what a candidate printed. Pure; exported for tests. */
export function readReply(stdout: string, executable: string, source: string): Reply {
  const json = /<<threadproof (.*) threadproof>>/.exec(stdout)?.[1];
  if (json === undefined) {
    return { reason: "does not answer like a Python interpreter" };
  }
  try {
    const answer = answerSchema.parse(JSON.parse(json));
    return { interpreter: { ...answer, executable: answer.executable || executable, source } };
  } catch {
    return { reason: "gives an answer that is not understood" };
  }
}
