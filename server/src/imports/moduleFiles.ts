/** Names of compiled extension modules: which builds of CPython look at a file, told from the name alone. */
import type { Platform } from "./conditions.ts";

export interface Build extends Platform {
  readonly freeThreaded: boolean;
}

/**
 * What a build does with a compiled file of that name: `loads` it, loads it although it is made for builds with another
 * object layout (`mismatched`: the stable ABI `abi3` below 3.15t), or passes it over as made for `another` build.
 */
export type FileUse = "loads" | "mismatched" | "another";

export interface CompiledFile {
  /** The module's name: all before the first dot. */
  readonly stem: string;
  readonly use: FileUse;
  /** `cp313t`, `abi3`, … or empty. */
  readonly tag: string;
}

const pattern = /^([^.]+)(?:\.(.+))?\.(so|pyd)$/;

/** @returns undefined for names that no build imports */
export function compiledFile(name: string, build: Build): CompiledFile | undefined {
  const match = pattern.exec(name);
  if (!match) return undefined;
  const [, stem = "", rest = ""] = match;
  if (rest === "") return { stem, use: "loads", tag: "" };
  const own = /^(?:cpython-|cp)(\d)(\d+)(t?)d?(?:-|$)/.exec(rest);
  if (own) {
    const same =
      Number(own[1]) === build.version[0] &&
      Number(own[2]) === build.version[1] &&
      (own[3] === "t") === build.freeThreaded;
    return { stem, use: same ? "loads" : "another", tag: `cp${own[1]}${own[2]}${own[3]}` };
  }
  const recent = build.version[1] >= 15;
  if (/^abi3t(?:-|$)/.test(rest)) return { stem, use: recent ? "loads" : "another", tag: "abi3t" };
  if (/^abi3(?:-|$)/.test(rest)) {
    const use = !build.freeThreaded ? "loads" : recent ? "another" : "mismatched";
    return { stem, use, tag: "abi3" };
  }
  return { stem, use: "another", tag: rest };
}
