/**
 * Python that has k workers call one function at once: threads, processes, or sub-interpreters of one process.
 * Each prepares its arguments, says that it is ready, waits for all others, and reports its clock at start and
 * end; results stay where they are. The time is from the first start to the last end.
 */
export const workersFileName = "threadproof_workers.py";

export const workersSource = `
import json, os, sys, threading, time, traceback
import threadproof_function as functions

clock, cpu_clock = time.perf_counter_ns, time.process_time_ns

def run(spec, gil, peak_bytes):
    ways = {"threads": run_threads, "processes": run_processes, "subinterpreters": run_subinterpreters}
    return ways[spec["workers"]](spec, gil, peak_bytes)

def ready_call(spec, part):
    call = functions.prepared(spec, part)
    if spec["calls"] > 1:
        # Caches, specialised bytecode; a single long call would take as long as what is measured.
        call()
    return call

def timed(call, calls):
    cpu, start = cpu_clock(), clock()
    for _ in range(calls):
        call()
    return start, clock(), cpu, cpu_clock()

def summary(stamps, one_process):
    cpu = (max(s[3] for s in stamps) - min(s[2] for s in stamps) if one_process
           else sum(s[3] - s[2] for s in stamps))
    return {"wallNs": max(s[1] for s in stamps) - min(s[0] for s in stamps), "cpuNs": cpu}

def run_threads(spec, gil, peak_bytes):
    count = spec["threads"]
    if spec["name"] is not None:
        functions.load(spec["file"])
    # On 3.13t the first thread makes some objects immortal: that belongs to no measurement.
    first = threading.Thread(target=int)
    first.start()
    first.join()
    at_start = gil()
    barrier = threading.Barrier(count)
    stamps, failed = [None] * count, []
    def work(part):
        try:
            call = ready_call(spec, part)
            barrier.wait()
            stamps[part] = timed(call, spec["calls"])
        except threading.BrokenBarrierError:
            pass
        except BaseException:
            traceback.print_exc()
            failed.append(part)
            barrier.abort()
    threads = [threading.Thread(target=work, args=(part,)) for part in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        sys.exit(1)
    return dict(summary(stamps, True), gilAtStart=at_start, gilAtEnd=gil(), peakBytes=peak_bytes())

def process_worker(spec, part, pipe):
    from __mp_main__ import peak_bytes
    call = ready_call(spec, part)
    pipe.send("ready")
    pipe.recv()
    pipe.send((timed(call, spec["calls"]), peak_bytes()))

def run_processes(spec, gil, peak_bytes):
    import multiprocessing
    context = multiprocessing.get_context("spawn")
    begun = clock()
    pipes, children = [], []
    for part in range(spec["threads"]):
        ours, theirs = context.Pipe()
        child = context.Process(target=process_worker, args=(spec, part, theirs))
        child.start()
        theirs.close()
        pipes.append(ours)
        children.append(child)
    try:
        for pipe in pipes:
            pipe.recv()
        ready = clock() - begun
        for pipe in pipes:
            pipe.send("go")
        answers = [pipe.recv() for pipe in pipes]
    except EOFError:
        for child in children:
            child.kill()
        sys.exit(1)
    for child in children:
        child.join()
    peak = peak_bytes() + sum(bytes for _, bytes in answers)
    return dict(summary([stamps for stamps, _ in answers], False), startNs=ready,
                gilAtStart=gil(), gilAtEnd=gil(), peakBytes=peak)

def interpreter_worker(text, part, ready, go, out):
    spec = json.loads(text)
    call = ready_call(spec, part)
    os.write(ready, b"r")
    os.read(go, 1)
    os.write(out, json.dumps([part, timed(call, spec["calls"])]).encode() + b"\\n")

def run_subinterpreters(spec, gil, peak_bytes):
    try:
        import _interpreters as interpreters
    except ImportError:
        return unavailable("this version has no sub-interpreters for Python programs", gil)
    count = spec["threads"]
    begun = clock()
    ready_in, ready_out = os.pipe()
    go_in, go_out = os.pipe()
    out_in, out_out = os.pipe()
    problems = []
    def work(part, interpreter):
        script = (f"import sys; sys.path[:] = {sys.path!r}\\n"
                  "import threadproof_workers\\n"
                  f"threadproof_workers.interpreter_worker({json.dumps(spec)!r}, {part}, "
                  f"{ready_out}, {go_in}, {out_out})\\n")
        problem = interpreters.exec(interpreter, script)
        if problem is not None:
            problems.append(problem.formatted)
            os.write(ready_out, b"!")
    made = [interpreters.create() for _ in range(count)]
    threads = [threading.Thread(target=work, args=pair) for pair in enumerate(made)]
    for thread in threads:
        thread.start()
    said = b""
    while len(said) < count:
        said += os.read(ready_in, count)
    ready = clock() - begun
    os.write(go_out, b"g" * count)
    for thread in threads:
        thread.join()
    if problems:
        return unavailable(f"the function does not run in a sub-interpreter: {problems[0]}", gil)
    os.close(out_out)
    with open(out_in) as file:
        stamps = [json.loads(line)[1] for line in file]
    peak = peak_bytes()
    for interpreter in made:
        interpreters.destroy(interpreter)
    return dict(summary(stamps, True), startNs=ready, gilAtStart=gil(), gilAtEnd=gil(), peakBytes=peak)

def unavailable(reason, gil):
    return {"unavailable": reason, "wallNs": 0, "cpuNs": 0, "peakBytes": 0,
            "gilAtStart": gil(), "gilAtEnd": gil()}
`;
