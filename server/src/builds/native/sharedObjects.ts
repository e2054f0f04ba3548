/** Native code that relied on the GIL for its own objects and memory. */
import borrowedReferenceApi from "../../rules/builds/borrowed-reference-api.ts";
import criticalSectionWithCallback from "../../rules/builds/critical-section-with-callback.ts";
import objectMallocBuffer from "../../rules/builds/object-malloc-buffer.ts";
import objectMutexLocked from "../../rules/builds/object-mutex-locked.ts";
import staticObjectCache from "../../rules/builds/static-object-cache.ts";
import { callsOf, partsOf } from "../brackets.ts";
import type { BuildReport } from "../buildReport.ts";
import type { CFunction } from "./functions.ts";
import type { NativeSource } from "./nativeSource.ts";

export function* inspectSharedObjects(source: NativeSource): Generator<BuildReport> {
  yield* borrowedReferences(source);
  yield* staticCaches(source);
  yield* mallocBuffers(source);
  yield* lockedMutexes(source);
  yield* callbacksInSections(source);
}

/** What hands out borrowed references, and what hands out references of one's own instead. */
const strong: Readonly<Record<string, string>> = {
  PyList_GetItem: "PyList_GetItemRef",
  PyList_GET_ITEM: "PyList_GetItemRef",
  PyDict_GetItem: "PyDict_GetItemRef",
  PyDict_GetItemWithError: "PyDict_GetItemRef",
  PyDict_GetItemString: "PyDict_GetItemStringRef",
  PyDict_SetDefault: "PyDict_SetDefaultRef",
  PyWeakref_GetObject: "PyWeakref_GetRef",
  PyWeakref_GET_OBJECT: "PyWeakref_GetRef",
  PyImport_AddModule: "PyImport_AddModuleRef",
  PyCell_GET: "PyCell_Get",
};

/** Makers of containers that no other thread knows yet. */
const fresh =
  "Py(List|Dict|Set)_New|PyDict_Copy|PyList_AsTuple|PySequence_(List|Tuple)|PyDict_(Keys|Values|Items)|PyMapping_(Keys|Values|Items)|PyObject_Dir|PyModule_GetDict|PyUnicode_Split|Py_BuildValue";

/** Keyword arguments belong to the call that they came with. */
const ownArguments = /^(kw\w*|kwargs|kwds|keywds|keywords|kwnames|args|kwarguments)$/i;

function* borrowedReferences(source: NativeSource): Generator<BuildReport> {
  const { file, c } = source;
  const initial = source.initialFunctions;
  for (const call of callsOf(c.structure, [...Object.keys(strong), "PyDict_Next"].join("|"))) {
    const around = source.functionAt(call.start);
    if (!around || initial.has(around) || isInSection(c.structure, around, call.start)) continue;
    const first = partsOf(c.structure, call.open + 1, call.close)[0]!;
    const container = c.structure.slice(first.start, first.end);
    if (isPrivate(c.structure, around, call.start, container)) continue;
    const other = strong[call.name];
    yield {
      rule: borrowedReferenceApi,
      file,
      start: call.start,
      end: call.start + call.name.length,
      symbol: call.name,
      message: other
        ? `\`${call.name}\` gives a borrowed reference: another thread may take the object out of \`${container}\` and free it before it is used here. \`${other}\` gives a reference of your own.`
        : `\`PyDict_Next\` walks \`${container}\` without a lock and gives borrowed references: another thread may change the dictionary in between. Put the loop between \`Py_BEGIN_CRITICAL_SECTION(${container})\` and \`Py_END_CRITICAL_SECTION()\`.`,
    };
  }
}

/** Whether a container is the function's own: made in it, or the keyword arguments of this call. */
function isPrivate(code: string, { open }: CFunction, at: number, container: string): boolean {
  if (!/^\w+$/.test(container)) return false;
  if (ownArguments.test(container)) return true;
  const made = new RegExp(`\\b${container}\\s*=\\s*(\\([^()]*\\)\\s*)?(${fresh})\\s*\\(`);
  return made.test(code.slice(open, at));
}

const locking =
  /\b(?:(Py_BEGIN_CRITICAL_SECTION\w*|PyMutex_Lock|PyThread_acquire_lock\w*|pthread_mutex_lock|pthread_once|mtx_lock|call_once|lock_guard|unique_lock|scoped_lock|EnterCriticalSection|InitOnceExecuteOnce|_PyOnceFlag\w*)|(?:Py_END_CRITICAL_SECTION\w*|PyMutex_Unlock|PyThread_release_lock|pthread_mutex_unlock|mtx_unlock|LeaveCriticalSection))\b/g;

/** Whether the function has taken a lock before an offset and not given it back. */
function isInSection(code: string, { open }: CFunction, at: number): boolean {
  const last = [...code.slice(open, at).matchAll(locking)].at(-1);
  return last?.[1] !== undefined;
}

function* staticCaches(source: NativeSource): Generator<BuildReport> {
  const { file, c } = source;
  const { structure } = c;
  const initial = source.initialFunctions;
  const told = new Set<string>();
  for (const match of structure.matchAll(/\bstatic\s+PyObject\s*\*\s*(\w+)\s*(=\s*(NULL|nullptr|0)\s*)?;/g)) {
    const name = match[1]!;
    const home = source.functionAt(match.index);
    const scope = home ? [home] : source.functions.filter((one) => !initial.has(one));
    for (const fn of scope) {
      const at = assignmentOf(structure, fn, name);
      const key = `${home?.open ?? ""} ${name}`;
      if (at < 0 || (initial.has(fn) && !home) || told.has(key) || hidesName(structure, fn, name, home))
        continue;
      if (/^(PyInit|PyModExport)_/.test(fn.name) || isInSection(structure, fn, at)) continue;
      told.add(key);
      yield {
        rule: staticObjectCache,
        file,
        start: at,
        end: at + name.length,
        symbol: name,
        message: `Two threads in \`${fn.name}\` can both set the static variable \`${name}\`: one object is lost, or freed while the other thread uses it. Set it when the module is initialised, keep it in the state of the module, or set it under a \`PyMutex\`.`,
      };
    }
  }
}

/** Offset of the first assignment, other than of nothing, to a variable in a function; -1 without one. */
function assignmentOf(code: string, { open, close }: CFunction, name: string): number {
  const pattern = new RegExp(
    `(?<![\\w.>]\\s*|\\bstatic\\s+PyObject\\s*\\*\\s*)\\b${name}\\s*=(?!=)(?!\\s*(NULL|nullptr|0)\\s*;)`,
  );
  const index = code.slice(open, close).search(pattern);
  return index < 0 ? -1 : open + index;
}

/** Whether a variable of the same name within the function stands for the one of the file. */
function hidesName(code: string, { start, open, close }: CFunction, name: string, home: unknown): boolean {
  if (home) return false;
  const text = code.slice(start, open) + code.slice(open, close).replace(/\bstatic\b/g, "");
  return new RegExp(`\\*\\s*${name}\\s*(=|;|,|\\))`).test(text);
}

const plainTypes =
  "(?:(?:const|unsigned|signed|struct)\\s+)*(char|short|int|long|float|double|wchar_t|size_t|Py_ssize_t|u?int(?:8|16|32|64)_t|Py_UCS[124]|Py_UNICODE)";

function* mallocBuffers({ file, c }: NativeSource): Generator<BuildReport> {
  for (const call of callsOf(c.structure, "PyObject_(?:Malloc|Calloc|Realloc|MALLOC|REALLOC)")) {
    const before = c.structure.slice(Math.max(0, call.start - 200), call.start);
    const cast = new RegExp(`\\(\\s*${plainTypes}\\s*(\\*\\s*)+\\)\\s*$`).exec(before);
    const declared = new RegExp(
      `\\b${plainTypes}\\s*(\\*\\s*)+\\w+\\s*=\\s*(?:\\(\\s*void\\s*\\*\\s*\\)\\s*)?$`,
    ).exec(before);
    const type = cast?.[1] ?? declared?.[1];
    if (type === undefined) continue;
    const other = call.name.replace("PyObject_", "PyMem_");
    yield {
      rule: objectMallocBuffer,
      file,
      start: call.start,
      end: call.start + call.name.length,
      symbol: call.name,
      message: `\`${call.name}\` is for Python objects only: in free-threaded builds the collector takes every block from it for an object, and this is memory for \`${type}\`. Use \`${other}\`, and \`PyMem_Free\` to free it.`,
    };
  }
}

function* lockedMutexes(source: NativeSource): Generator<BuildReport> {
  const { file, c } = source;
  for (const call of callsOf(c.code, "PyMutex_Lock(?:Flags)?")) {
    const argument = c.code.slice(call.open + 1, call.close);
    if (!/(->|\.)\s*ob_mutex\b/.test(argument) || !source.isSeen(call.start)) continue;
    yield {
      rule: objectMutexLocked,
      file,
      start: call.start,
      end: call.close + 1,
      symbol: argument.trim().replace(/^&\s*/, ""),
      message:
        "The mutex of an object is the interpreter's: held while other code of the interpreter locks it, the thread waits for itself for ever. Use `Py_BEGIN_CRITICAL_SECTION`, or a `PyMutex` of your own in the object.",
    };
  }
}

const callbacks =
  "PyObject_(?:Call\\w*|Vectorcall\\w*|RichCompare\\w*|Repr|Str|Hash|IsTrue|GetIter)|PyIter_Next|PyEval_CallObject\\w*|Py_BEGIN_CRITICAL_SECTION2?";

function* callbacksInSections({ file, c }: NativeSource): Generator<BuildReport> {
  for (const section of callsOf(c.structure, "Py_BEGIN_CRITICAL_SECTION2?")) {
    const end = c.structure.indexOf("Py_END_CRITICAL_SECTION", section.close);
    if (end < 0) continue;
    const inside = c.structure.slice(0, end);
    const call = callsOf(inside, callbacks).find(({ start }) => start > section.close);
    if (!call) continue;
    const object = c.structure.slice(section.open + 1, section.close).trim();
    yield {
      rule: criticalSectionWithCallback,
      file,
      start: call.start,
      end: call.start + call.name.length,
      symbol: object,
      message: `\`${call.name}\` may run other code or wait, and then the critical section of \`${object}\` is suspended: another thread may change the object in the middle. Take what is needed inside and call after \`Py_END_CRITICAL_SECTION\`.`,
    };
  }
}
