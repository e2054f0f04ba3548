/** Which builds of CPython a file is for, by its name (PEP 3149, PEP 425, PEP 803) and by what it is linked against. */
import type { ExtensionAbi } from "./extensionModule.ts";

/** Functions that only free-threaded builds export. */
const freeThreadedOnly = [
  "PyUnstable_Module_SetGIL",
  "_Py_DecRefShared",
  "_Py_IncRefShared",
  "_Py_MergeZeroLocalRefcount",
  "_PyObject_GC_UNTRACK_FreeThreaded",
];

/**
 * @param fileName without folders
 * @param imports names that the file wants from elsewhere
 * @param libraries libraries that it is linked against
 */
export function readAbi(
  fileName: string,
  imports: ReadonlySet<string>,
  libraries: readonly string[],
): ExtensionAbi {
  const named = abiOfName(fileName);
  const library = libraries
    .map(baseName)
    .find((name) => /^(?:lib)?python[\d.]+t?d?(?:_d)?\.|^python3?$/.test(name));
  const abi: ExtensionAbi = { ...named, ...(library ? { pythonLibrary: library } : {}) };
  if (library && abi.freeThreaded === undefined) {
    abi.freeThreaded = /^(?:lib)?python[\d.]+t/.test(library);
  }
  if (abi.freeThreaded === undefined && freeThreadedOnly.some((name) => imports.has(name))) {
    abi.freeThreaded = true;
  }
  return abi;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).toLowerCase();
}

/** What the name alone says. */
export function abiOfName(fileName: string): ExtensionAbi {
  const middle = /\.(.+)\.(?:so|pyd|dll|dylib)$/.exec(fileName)?.[1] ?? "";
  const tag = middle.slice(middle.lastIndexOf(".") + 1);
  const unix = /^cpython-(\d+)([a-z]*)(?:-.*)?$/.exec(tag);
  if (unix) {
    return { tag: `cp${unix[1]}${unix[2]}`, freeThreaded: unix[2]!.includes("t"), soabi: tag };
  }
  const windows = /^(cp\d+([a-z]*))(?:-.*)?$/.exec(tag);
  if (windows) {
    return { tag: windows[1]!, freeThreaded: windows[2]!.includes("t"), soabi: tag };
  }
  // From 3.15 on the platform may follow.
  const stable = /^(abi\d+(t?))(?:-.*)?$/.exec(tag);
  if (stable) {
    return { tag: stable[1]!, freeThreaded: stable[2] === "t" };
  }
  const other = /^((?:pypy|graalpy)\d+)-/.exec(tag);
  return other
    ? { tag: other[1]!, freeThreaded: false, soabi: tag }
    : { tag: "untagged", freeThreaded: undefined };
}
