/** The Python program that imports one module and reports, line by line, what happens to the GIL meanwhile. */
import { z } from "zod";

/**
 * CPython says with `-v` of every module that needs the GIL, even when an earlier one has already switched it on; it says
 * so through `sys.stderr`, which is listened to here. `_load_unlocked` is what every import of every kind goes through, so
 * wrapping it shows who imports whom, also where an extension module imports. Reports leave through a pipe of their own,
 * each as soon as it is known, because the import may end the process at any moment.
 */
export const importWatch = `
import sys, os, io, json, threading, _imp
import importlib, importlib._bootstrap as bootstrap, sysconfig
name = sys.argv[1]
pipe = 3
os.set_inheritable(pipe, False)
gil = getattr(sys, "_is_gil_enabled", lambda: True)

def say(**fields):
    data = (json.dumps(fields) + "\\n").encode()
    while data:
        data = data[os.write(pipe, data):]

stacks = threading.local()

def stack():
    if not hasattr(stacks, "names"):
        stacks.names = []
    return stacks.names

load = bootstrap._load_unlocked
def watched_load(spec):
    names = stack()
    names.append(spec.name)
    try:
        return load(spec)
    finally:
        names.pop()
bootstrap._load_unlocked = watched_load

files = {}
create = _imp.create_dynamic
def watched_create(spec, *rest):
    files[spec.name] = spec.origin
    say(event="loading", module=spec.name, file=spec.origin)
    return create(spec, *rest)
_imp.create_dynamic = watched_create

marker = ", which requires the GIL"
class Listener(io.TextIOBase):
    encoding = "utf-8"
    errors = "backslashreplace"
    def __init__(self, stream):
        self.stream = stream
    def writable(self):
        return True
    def fileno(self):
        return self.stream.fileno()
    def isatty(self):
        return False
    def flush(self):
        self.stream.flush()
    def write(self, text):
        if text.startswith("# loading module '") and marker in text:
            module = text[len("# loading module '"):text.rindex("'" + marker)]
            names = list(stack())
            if not names or names[-1] != module:
                names.append(module)
            say(event="culprit", module=module, chain=names, file=files.get(module))
        elif not text.startswith(("# ", "import '")) and text.strip():
            self.stream.write(text)
        return len(text)

say(event="start", gil=gil(), freeThreaded=bool(sysconfig.get_config_var("Py_GIL_DISABLED")))
sys.stderr = Listener(sys.stderr)
sys.argv = [""]
try:
    importlib.import_module(name)
    error = None
except BaseException as problem:
    error = type(problem).__name__ + (": " + str(problem) if str(problem) else "")
say(event="end", gil=gil(), error=error)
os._exit(0)
`;

export const watchEventSchema = z.discriminatedUnion("event", [
  z.object({ event: z.literal("start"), gil: z.boolean(), freeThreaded: z.boolean() }),
  z.object({ event: z.literal("loading"), module: z.string(), file: z.string().nullable() }),
  z.object({
    event: z.literal("culprit"),
    module: z.string(),
    chain: z.array(z.string()),
    file: z.string().nullable(),
  }),
  z.object({ event: z.literal("end"), gil: z.boolean(), error: z.string().nullable() }),
]);

export type WatchEvent = z.infer<typeof watchEventSchema>;
