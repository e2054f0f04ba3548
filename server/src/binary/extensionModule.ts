/** Reads a compiled extension module and says what it tells CPython about the GIL, without loading or running it. */

import { type FileHandle, open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { setImmediate } from "node:timers/promises";
import { abiOfName, readAbi } from "./abi.ts";
import { type ByteSource, Damaged, Fields, FileBytes, TooMuchWork, Work } from "./bytes.ts";
import { readElf } from "./containers/elf.ts";
import type { Image } from "./containers/image.ts";
import { readMachO } from "./containers/macho.ts";
import { readPe } from "./containers/pe.ts";
import { finishAtOnce, finishInTurns, type Steps } from "./steps.ts";
import { isExportHook, type Verdict, verdictOf } from "./verdict.ts";

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

/** What a file says, and how that is known. */
export interface Statement {
  declaration: Declaration;
  basis: DeclarationBasis;
  /** One sentence for people that says what was read. */
  detail: string;
}

export interface ExtensionModule extends Statement {
  /**
   * What it says to 3.15 and later, where that is something else: those call its `PyModExport_` hook, and versions before
   * its `PyInit_` hook.
   */
  from315?: Statement;
  container: Container;
  /** The initialisation hooks it exports, such as `PyInit_fast` or `PyModExport_fast`. */
  hooks: string[];
  abi: ExtensionAbi;
  /** False for files that are not loadable by `import`: other libraries, scripts, damaged files. */
  isExtension: boolean;
  /** The processors it was compiled for: one, or several for a fat Mach-O file; `x86_64`, `arm64`, `i386`, … */
  architectures: string[];
}

/** What a file says to one version of CPython, such as `3.14` or `3.15t`. */
export function statementFor(module: ExtensionModule, version: string): Statement {
  return (Number.parseInt(version.slice(2), 10) >= 15 && module.from315) || module;
}

/**
 * What the file at `path` declares. Never throws: files that cannot be read and files that are damaged or hostile come
 * back as `unknown` with the reason in `detail`. Reading is bounded in time and memory whatever the file contains.
 */
export async function readExtensionModule(path: string): Promise<ExtensionModule> {
  return (await readExtensionFile(path)).module;
}

/**
 * Like {@link readExtensionModule}; with it, the digest of all bytes that the answer rests on, if it could be read.
 * @param turn waited for before each few milliseconds of work that block the thread
 */
export async function readExtensionFile(
  path: string,
  turn: () => Promise<void> = () => setImmediate(),
): Promise<{ module: ExtensionModule; digest?: string }> {
  const name = basename(path);
  let file: FileHandle | undefined;
  try {
    // Opening a pipe would wait for its other end.
    const information = await stat(path);
    if (!information.isFile()) {
      return { module: nothing(name, "It is no regular file.") };
    }
    file = await open(path, "r");
    const { size } = await file.stat();
    const work = new Work();
    const bytes = new FileBytes(file.fd, size, work);
    const module = await finishInTurns(readInSteps(name, bytes, work), turn);
    return { module, digest: bytes.digest() };
  } catch (error) {
    return { module: nothing(name, `It cannot be read: ${error instanceof Error ? error.message : error}.`) };
  } finally {
    await file?.close().catch(() => {});
  }
}

/**
 * Like {@link readExtensionModule}, for bytes from anywhere, such as a wheel that is not unpacked.
 * @param fileName without folders; its tag counts
 */
export function readExtension(fileName: string, source: ByteSource, work: Work): ExtensionModule {
  return finishAtOnce(readInSteps(fileName, source, work));
}

function* readInSteps(fileName: string, source: ByteSource, work: Work): Steps<ExtensionModule> {
  let images: Image[];
  try {
    images = readImages(source, work);
  } catch (error) {
    return nothing(fileName, damage(error));
  }
  const [first] = images;
  if (!first) {
    return nothing(fileName, "It is no library of a kind that Python loads.");
  }
  const one = yield* readImage(fileName, first, work);
  const others: ExtensionModule[] = [];
  for (const image of images.slice(1)) {
    others.push(yield* readImage(fileName, image, work));
  }
  const module = { ...one, architectures: images.map((image) => image.parts.architecture) };
  const different = others.some(
    (other) =>
      other.declaration !== one.declaration || other.from315?.declaration !== one.from315?.declaration,
  );
  if (!different) {
    return module;
  }
  const { from315: _, ...rest } = module;
  return {
    ...rest,
    declaration: "unknown",
    basis: "none",
    detail: "Its processors' shares say different things.",
  };
}

function readImages(source: ByteSource, work: Work): Image[] {
  const magic = source.size < 64 ? 0 : new Fields(source.slice(0, 4), false).u32(0);
  if (magic === 0x7f454c46) {
    return [readElf(source, work)];
  }
  if (magic >>> 16 === 0x4d5a) {
    return [readPe(source, work)];
  }
  return machO.includes(magic) ? readMachO(source, work) : [];
}

const machO = [0xcafebabe, 0xcafebabf, 0xfeedface, 0xfeedfacf, 0xcefaedfe, 0xcffaedfe];

/** A file has one, or one of each kind; each costs time to follow. */
const manyHooks = 4;

function* readImage(fileName: string, image: Image, work: Work): Steps<ExtensionModule> {
  const { container, architecture, imports, libraries } = image.parts;
  const hooks = hooksOf(fileName, [...image.parts.hooks.keys()]);
  const abi = readAbi(fileName, imports, libraries);
  const module: ExtensionModule = {
    ...nothing(fileName, "It exports no function that initialises a module."),
    container,
    hooks,
    abi,
    isExtension: hooks.length > 0,
    architectures: [architecture],
  };
  try {
    if (hooks.length > manyHooks) {
      return {
        ...module,
        detail: "It serves as several modules; which of them it is imported as is not known.",
      };
    }
    const verdicts: (Verdict & { hook: string })[] = [];
    for (const hook of hooks) {
      verdicts.push({ hook, ...(yield* verdictOf(image, hook, work)) });
    }
    abi.freeThreaded ??= verdicts.find((verdict) => verdict.freeThreaded !== undefined)?.freeThreaded;
    const exports = verdicts.filter(({ hook }) => isExportHook(hook));
    const older = common(verdicts.filter(({ hook }) => !isExportHook(hook)));
    const newer = common(exports);
    const from315 = older && newer && newer.declaration !== older.declaration ? { from315: newer } : {};
    return { ...module, ...(older ?? newer), ...from315 };
  } catch (error) {
    return { ...module, detail: damage(error) };
  }
}

/** What several hooks say with one voice. */
function common(verdicts: readonly (Statement & { readonly hook: string })[]): Statement | undefined {
  const [one] = verdicts;
  if (!one) {
    return undefined;
  }
  const { hook, declaration, basis, detail } = one;
  const different = verdicts.find((other) => other.declaration !== declaration);
  return different
    ? {
        declaration: "unknown",
        basis: "none",
        detail: `${hook}: ${detail} But ${different.hook}: ${different.detail}`,
      }
    : { declaration, basis, detail };
}

/**
 * The hooks that importing the file can call. A file that serves as several modules (mypyc) is usually linked to by other
 * names; the one that the file itself is named after decides.
 */
function hooksOf(fileName: string, all: readonly string[]): string[] {
  const stem = fileName.slice(0, fileName.indexOf("."));
  const own = all.filter((hook) => hook.slice(hook.indexOf("_") + 1) === stem);
  return own.length > 0 ? own : [...all];
}

/** Only what the readers themselves throw is expected; what else goes wrong in a hostile file is damage too. */
function damage(error: unknown): string {
  const reason =
    error instanceof Damaged || error instanceof TooMuchWork ? error.message : "it makes no sense";
  return `The file is damaged: ${reason}.`;
}

function nothing(fileName: string, detail: string): ExtensionModule {
  return {
    declaration: "unknown",
    basis: "none",
    detail,
    container: "none",
    hooks: [],
    abi: abiOfName(fileName),
    isExtension: false,
    architectures: [],
  };
}
