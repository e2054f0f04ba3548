/**
 * The Python program that runs the user's file as `__main__` and reports what happened. Kept as text, so
 * that it is bundled; written to a temporary folder for the run.
 *
 * The file is executed in a module of its own that stays `__main__` until the interpreter ends, instead of
 * through `runpy.run_path`, which takes `__main__` away on return: threads that the program leaves running
 * would lose it. The clock stops when the interpreter would have nothing left to wait for, hence
 * `threading._shutdown`, which is what the interpreter itself calls first (and which may be called twice).
 *
 * With `observe` an audit hook counts threads and watches for the import that switches the GIL on. It costs
 * time on every audited event and is a shared object, so it is never there in a measured run.
 *
 * Peak memory is VmHWM on Linux: `ru_maxrss` survives exec and would show the memory of the process that
 * started us.
 */
export const runnerFileName = "threadproof_runner.py";

export const runnerSource = `
import os, sys, time

def gil():
    ask = getattr(sys, "_is_gil_enabled", None)
    return bool(ask()) if ask else True

def peak_bytes():
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        import resource
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024
    except ImportError:
        pass
    try:
        import ctypes
        from ctypes import wintypes
        class Counters(ctypes.Structure):
            _fields_ = [("cb", wintypes.DWORD), ("faults", wintypes.DWORD)] + [
                (name, ctypes.c_size_t) for name in "peak now qpp qp qnpp qnp pf ppf".split()]
        counters = Counters(cb=ctypes.sizeof(Counters))
        kernel = ctypes.WinDLL("kernel32")
        kernel.GetCurrentProcess.restype = wintypes.HANDLE
        kernel.K32GetProcessMemoryInfo.argtypes = [wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD]
        kernel.K32GetProcessMemoryInfo(kernel.GetCurrentProcess(), ctypes.byref(counters), counters.cb)
        return counters.peak
    except Exception:
        return 0

class Observer:
    def __init__(self):
        self.threads, self.processes = [], []
        self.extension = self.culprit = None
        self.on = gil()
        sys.addaudithook(self)

    def __call__(self, event, args):
        if event == "_thread.start_new_thread" or event == "_thread.start_joinable_thread":
            self.threads.append(1)
        elif event in ("os.fork", "subprocess.Popen", "os.posix_spawn"):
            self.processes.append(1)
        elif event == "import":
            self.check()
            if args[1]:
                self.extension = args[0]

    def check(self):
        if not self.on and gil():
            self.on = True
            self.culprit = self.extension

def main(report_path, path, cpus, observe):
    if cpus and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(cpu) for cpu in cpus.split(",")})
    pid = os.getpid()
    machinery = sys.modules["_frozen_importlib_external"]
    module = type(sys)("__main__")
    module.__dict__.update(
        __file__=path, __builtins__=__builtins__, __cached__=None,
        __loader__=machinery.SourceFileLoader("__main__", path))
    sys.argv[:] = [path]
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.path.dirname(path)
    sys.modules["__main__"] = module
    report = {"gilAtStart": gil(), "threadsStarted": None, "processesStarted": None, "culprit": None}
    clock, cpu_clock = time.perf_counter_ns, time.process_time_ns
    observer = Observer() if observe == "observe" else None
    status = 0
    cpu_start, start = cpu_clock(), clock()
    try:
        with open(path, "rb") as file:
            source = file.read()
        exec(compile(source, path, "exec", dont_inherit=True), module.__dict__)
    except SystemExit as error:
        status = error.code
    except BaseException:
        kind, value, trace = sys.exc_info()
        # Without this frame, as a traceback of the program alone.
        value = value.with_traceback(trace.tb_next)
        sys.excepthook(kind, value, value.__traceback__)
        status = 1
    threading = sys.modules.get("threading")
    if os.getpid() == pid and hasattr(threading, "_shutdown"):
        threading._shutdown()
    end, cpu_end = clock(), cpu_clock()
    if os.getpid() == pid:
        if observer:
            observer.check()
            report.update(threadsStarted=len(observer.threads), processesStarted=len(observer.processes),
                          culprit=observer.culprit)
        report.update(gilAtEnd=gil(), wallNs=end - start, cpuNs=cpu_end - cpu_start, peakBytes=peak_bytes())
        if hasattr(os, "times"):
            times = os.times()
            report["childCpuNs"] = int((times.children_user + times.children_system) * 1e9)
        import json
        with open(report_path, "w") as file:
            json.dump(report, file)
    sys.exit(status)

main(*sys.argv[1:5])
`;
