/**
 * Python that watches a program in runs whose time does not count. `count` has an audit hook count threads and
 * processes, notices the import that switches the GIL on, and which sources of a worker count the program
 * asks. `locks` counts how often locks are waited for and where, what collecting garbage takes, and the tasks
 * given to thread pools.
 *
 * A counted lock first tries without waiting: what fails then is contended. Its counters change only while
 * it is held, so they need no lock themselves. The lock by which a thread waits for a condition or a queue's
 * item is left alone: that is waiting for work, not for a lock.
 */
export const watchFileName = "threadproof_watch.py";

export const watchSource = `
import os, sys, time

clock = time.perf_counter_ns
QUESTIONS = {"THREADPROOF_THREADS": "THREADPROOF_THREADS", "PYTHON_CPU_COUNT": "PYTHON_CPU_COUNT"}

def start(kind, gil):
    return Counter(gil) if kind == "count" else LockWatch()

class Counter:
    def __init__(self, gil):
        self.gil, self.threads, self.processes, self.asked = gil, [], [], set()
        self.extension = self.culprit = None
        self.on = gil()
        self.watch_questions()
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
        if not self.on and self.gil():
            self.on = True
            self.culprit = self.extension

    def watch_questions(self):
        asked = self.asked
        def noted(real, key):
            def ask(*args, **options):
                asked.add(key)
                return real(*args, **options)
            return ask
        for name, key in (("sched_getaffinity", "affinity"), ("cpu_count", "PYTHON_CPU_COUNT"),
                          ("process_cpu_count", "PYTHON_CPU_COUNT")):
            if hasattr(os, name):
                setattr(os, name, noted(getattr(os, name), key))
        environment = type(os.environ)
        lookup = environment.__getitem__
        def getitem(self, name):
            if name in QUESTIONS:
                asked.add(QUESTIONS[name])
            return lookup(self, name)
        environment.__getitem__ = getitem

    def report(self):
        self.check()
        return {"threadsStarted": len(self.threads), "processesStarted": len(self.processes),
                "culprit": self.culprit, "asked": sorted(self.asked)}

LIBRARY = os.path.dirname(os.__file__) + os.sep
MOST_LOCKS = 100_000

def site():
    """The nearest caller outside the standard library, as path:line."""
    frame = sys._getframe(2)
    while frame is not None:
        path = frame.f_code.co_filename
        inside = path.startswith(LIBRARY) and "site-packages" not in path
        if not inside and path != __file__ and not path.startswith("<"):
            return f"{path}:{frame.f_lineno}"
        frame = frame.f_back
    return ""

def counted(make, locks):
    class CountedLock:
        def __init__(self):
            self._lock = make()
            self._made_at = site()
            self._acquired = self._contended = self._waited = self._held = self._since = 0
            self._sites = {}
            if len(locks) < MOST_LOCKS:
                locks.append(self)

        def acquire(self, blocking=True, timeout=-1):
            if self._lock.acquire(False):
                self._acquired += 1
                self._since = clock()
                return True
            if not blocking:
                return False
            begun = clock()
            if not self._lock.acquire(True, timeout):
                return False
            self._since = clock()
            waited = self._since - begun
            where = site()
            self._acquired += 1
            self._contended += 1
            self._waited += waited
            self._sites[where] = self._sites.get(where, 0) + 1
            return True

        def release(self):
            self._held += clock() - self._since
            self._lock.release()

        __enter__ = acquire

        def __exit__(self, *_):
            self._held += clock() - self._since
            self._lock.release()

        def __getattr__(self, name):
            return getattr(self._lock, name)

    return CountedLock

class LockWatch:
    def __init__(self):
        import _thread, gc, threading
        import concurrent.futures.thread as pools
        self.locks, self.tasks, self.collections = [], [], []
        self.collecting = 0
        lock, rlock = threading.Lock, threading.RLock
        threading.Lock = _thread.allocate_lock = counted(lock, self.locks)
        threading.RLock = counted(rlock, self.locks)
        gc.callbacks.append(self.collection)
        submit, tasks = pools.ThreadPoolExecutor.submit, self.tasks
        def submitted(*args, **options):
            tasks.append(1)
            return submit(*args, **options)
        pools.ThreadPoolExecutor.submit = submitted

    def collection(self, phase, info):
        if phase == "start":
            self.begun = clock()
        else:
            self.collecting += clock() - self.begun
            self.collections.append(1)

    def report(self):
        by_place = {}
        for lock in list(self.locks):
            if lock._contended:
                by_place.setdefault(lock._made_at, []).append(lock)
        found = []
        for made_at, locks in by_place.items():
            sites = {}
            for lock in locks:
                for where, count in lock._sites.items():
                    sites[where] = sites.get(where, 0) + count
            found.append({
                "madeAt": made_at, "waitedAt": max(sites, key=sites.get) or None,
                "acquired": sum(lock._acquired for lock in locks),
                "contended": sum(lock._contended for lock in locks),
                "waitedNs": sum(lock._waited for lock in locks),
                "heldNs": sum(lock._held for lock in locks)})
        found.sort(key=lambda one: -one["waitedNs"])
        return {"probe": {"locks": found[:5], "collections": len(self.collections),
                          "collectingNs": self.collecting, "tasks": len(self.tasks)}}
`;
