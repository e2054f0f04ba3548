// What starts threads: functions that take a callable, methods of pools, base classes, servers and frameworks.

/** A function that runs a callable it is given in another thread. */
export interface Launcher {
  /** Keyword that carries the callable, or position of a positional one. */
  readonly keyword: string;
  readonly position: number;
  /** Whether several threads may run the callable at the same time. */
  readonly parallel: boolean;
  /** What the message calls the thread. */
  readonly label: string;
}

/** By qualified name. */
export const launchers: Readonly<Record<string, Launcher>> = {
  "threading.Thread": { keyword: "target", position: 1, parallel: false, label: "a thread" },
  "threading.Timer": { keyword: "function", position: 1, parallel: false, label: "a timer thread" },
  "_thread.start_new_thread": { keyword: "", position: 0, parallel: false, label: "a thread" },
  "_thread.start_joinable_thread": { keyword: "", position: 0, parallel: false, label: "a thread" },
  "thread.start_new_thread": { keyword: "", position: 0, parallel: false, label: "a thread" },
  "multiprocessing.dummy.Process": { keyword: "target", position: 1, parallel: false, label: "a thread" },
  "asyncio.to_thread": {
    keyword: "",
    position: 0,
    parallel: true,
    label: "a worker thread of the event loop",
  },
  "anyio.to_thread.run_sync": { keyword: "", position: 0, parallel: true, label: "a worker thread" },
  "trio.to_thread.run_sync": { keyword: "", position: 0, parallel: true, label: "a worker thread" },
  "starlette.concurrency.run_in_threadpool": {
    keyword: "",
    position: 0,
    parallel: true,
    label: "a worker thread",
  },
  "fastapi.concurrency.run_in_threadpool": {
    keyword: "",
    position: 0,
    parallel: true,
    label: "a worker thread",
  },
  "asgiref.sync.sync_to_async": { keyword: "", position: 0, parallel: false, label: "a worker thread" },
  "tqdm.contrib.concurrent.thread_map": { keyword: "", position: 0, parallel: true, label: "a pool thread" },
};

/** Methods that hand a callable to the threads of an executor or pool. */
export const submitting: Readonly<Record<string, Launcher>> = {
  submit: { keyword: "fn", position: 0, parallel: true, label: "a pool thread" },
  map: { keyword: "fn", position: 0, parallel: true, label: "a pool thread" },
  imap: { keyword: "func", position: 0, parallel: true, label: "a pool thread" },
  imap_unordered: { keyword: "func", position: 0, parallel: true, label: "a pool thread" },
  starmap: { keyword: "func", position: 0, parallel: true, label: "a pool thread" },
  apply_async: { keyword: "func", position: 0, parallel: true, label: "a pool thread" },
  run_in_executor: { keyword: "", position: 1, parallel: true, label: "an executor thread" },
  add_done_callback: { keyword: "fn", position: 0, parallel: false, label: "a callback in a worker thread" },
};

/** Classes whose methods a server calls, each in a thread of its own if the server is a threaded one. */
export const handlerBases =
  /(^|\.)(BaseRequestHandler|StreamRequestHandler|DatagramRequestHandler|BaseHTTPRequestHandler|SimpleHTTPRequestHandler)$/;
export const threadBases = /(^|\.)(Thread|QThread|QRunnable|Timer)$/;
export const threadedServer =
  /(^|\.)(ThreadingHTTPServer|ThreadingTCPServer|ThreadingUDPServer|ThreadingMixIn|ThreadingUnixStreamServer)$/;
/** Decorators by which web frameworks and task queues are told what to run in their threads. */
export const routeDecorators =
  /^(route|get|post|put|delete|patch|before_request|after_request|task|shared_task|actor|scheduled_job)$/;
export const webFrameworks = new Set([
  "flask",
  "fastapi",
  "starlette",
  "bottle",
  "celery",
  "dramatiq",
  "apscheduler",
  "quart_trio",
]);
