/** Reads a compiled extension module and says what it tells CPython about the GIL, without loading or running it. */

/**
 * `declared`: it says that it runs without the GIL (`Py_MOD_GIL_NOT_USED`). `declared-not-safe`: it says in so many words
 * that it needs the GIL (`Py_MOD_GIL_USED`). `undeclared`: it says nothing, which CPython treats like needing the GIL.
 * `unknown`: reading the file cannot tell.
 */
export type Declaration = "declared" | "declared-not-safe" | "undeclared" | "unknown";

/**
 * What decided: `slot`, the value of a `Py_mod_gil` slot; `no-slot`, a slot array without one; `setgil`, a call of
 * `PyUnstable_Module_SetGIL`; `single-phase`, a single-phase initialisation without that call; `export-hook`, the slot
 * array behind a `PyModExport_` hook (3.15); `none`, nothing did.
 */
export type DeclarationBasis = "slot" | "setgil" | "no-slot" | "single-phase" | "export-hook" | "none";

export type Container = "elf" | "macho" | "pe" | "none";

/** Which builds of CPython can load the file, from its name and its content. */
export interface ExtensionAbi {
  /** `cp313t`, `cp313`, `abi3`, `abi3t`, or `untagged` when the file name has no tag. */
  tag: string;
  /** True when compiled for a free-threaded build, false for a build with a GIL, undefined when nothing says so. */
  freeThreaded: boolean | undefined;
  /** The part of the file name that CPython calls SOABI, such as `cpython-313t-x86_64-linux-gnu`. */
  soabi?: string;
  /** The Python library it is linked against by name, such as `python313t.dll` (in lower case). */
  pythonLibrary?: string;
}

export interface ExtensionModule {
  declaration: Declaration;
  basis: DeclarationBasis;
  /** One sentence for people that says what was read. */
  detail: string;
  container: Container;
  /** The initialisation hooks it exports, such as `PyInit_fast` or `PyModExport_fast`. */
  hooks: string[];
  abi: ExtensionAbi;
  /** False for files that are not loadable by `import`: other libraries, scripts, damaged files. */
  isExtension: boolean;
  /** The processors it was compiled for: one, or several for a fat Mach-O file; `x86_64`, `arm64`, `i386`, … */
  architectures: string[];
}

/**
 * What the file at `path` declares. Never throws: files that cannot be read and files that are damaged or hostile come
 * back as `unknown` with the reason in `detail`. Reading is bounded in time and memory whatever the file contains.
 */
export async function readExtensionModule(path: string): Promise<ExtensionModule> {
  return {
    declaration: "unknown",
    basis: "none",
    detail: `${path} was not read.`,
    container: "none",
    hooks: [],
    abi: { tag: "untagged", freeThreaded: undefined },
    isExtension: false,
    architectures: [],
  };
}
