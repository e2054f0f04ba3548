/**
 * The Python program that runs the user's file as `__main__`, or one of its functions, and reports what
 * happened. Kept as text, so that it is bundled; written to a temporary folder for the run.
 *
 * The file is executed in a module of its own that stays `__main__` until the interpreter ends, instead of
 * through `runpy.run_path`, which takes `__main__` away on return: threads that the program leaves running
 * would lose it. The clock stops when the interpreter would have nothing left to wait for, hence
 * `threading._shutdown`, which is what the interpreter itself calls first (and which may be called twice).
 *
 * Whatever watches the program (`watchSource.ts`) costs time and is a shared object, so it is never there
 * in a measured run.
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

def pin(cpus):
    if cpus and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {int(cpu) for cpu in cpus.split(",")})

HERE = os.path.dirname(os.path.abspath(__file__))

def start_watching(kind):
    """Independent of sys.path, which may leave this folder out (PYTHONSAFEPATH)."""
    if not kind:
        return None
    sys.path.insert(0, HERE)
    try:
        import threadproof_watch
    finally:
        sys.path.remove(HERE)
        sys.modules.pop("threadproof_watch", None)
    return threadproof_watch.start(kind, gil)

def write_report(path, report):
    import json
    with open(path, "w") as file:
        json.dump(report, file)

def write_figures(path, report):
    """Without json, whose import takes a hundredth of a second: here are numbers, truth values and None only."""
    text = ", ".join(
        f'"{name}": {"null" if value is None else str(value).lower()}' for name, value in report.items())
    with open(path, "w") as file:
        file.write("{" + text + "}")

def run_program(report_path, path, watch):
    pid = os.getpid()
    watcher = start_watching(watch)
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
        watched = watcher.report() if watcher else None
        report.update(gilAtEnd=gil(), wallNs=end - start, cpuNs=cpu_end - cpu_start, peakBytes=peak_bytes())
        if hasattr(os, "times"):
            times = os.times()
            report["childCpuNs"] = int((times.children_user + times.children_system) * 1e9)
        if watched:
            write_report(report_path, dict(report, **watched))
        else:
            write_figures(report_path, report)
    sys.exit(status)

def run_function(report_path, spec, watch):
    import json
    watcher = start_watching(watch)
    # Behind everything else: processes and sub-interpreters look there for the workers' module.
    if not getattr(sys.flags, "safe_path", False):
        del sys.path[0]
    sys.path.append(HERE)
    import threadproof_function, threadproof_workers
    spec = json.loads(spec)
    if spec["workers"] == "describe":
        report = threadproof_function.describe(spec)
    else:
        report = {"threadsStarted": None, "processesStarted": None, "culprit": None}
        report.update(threadproof_workers.run(spec, gil, peak_bytes))
        if watcher:
            report.update(watcher.report())
    write_report(report_path, report)

if __name__ == "__main__":
    report_path, path, cpus, watch, spec = sys.argv[1:6]
    pin(cpus)
    if spec:
        run_function(report_path, spec, watch)
    else:
        run_program(report_path, path, watch)
`;
