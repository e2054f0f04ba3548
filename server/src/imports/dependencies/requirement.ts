/** Reads one requirement (PEP 508) as far as the audit needs it: the name and an exact version. */
import { normalisedName } from "../../environment/distributions.ts";
import type { Dependency } from "./dependency.ts";

const pattern =
  /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(?:\(?\s*(===?)\s*([^\s,;)]+)\s*\)?\s*(?=$|[;#\s\\])|@|[<>!~=(]|$|[;#\\])/;

/** @param offset of `text` in its file; @returns undefined for anything but a requirement with a name */
export function readRequirement(text: string, offset: number): Dependency | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, name = "", , version] = match;
  const start = offset + text.indexOf(name);
  // `==2.*` names a series, not a version.
  const exact = version !== undefined && !version.includes("*") ? version : undefined;
  return { name: normalisedName(name), version: exact, start, end: start + name.length };
}

/** Lines of a requirements file; options, paths and nested files are left out. */
export function readRequirements(text: string): Dependency[] {
  const found: Dependency[] = [];
  let offset = 0;
  let continued = false;
  for (const line of text.split("\n")) {
    const plain = line.replace(/(^|\s)#.*$/, "").trimEnd();
    if (!continued && plain.trim() !== "" && !/^\s*(-|[./]|\w+:\/\/|git\+)/.test(plain)) {
      const one = readRequirement(plain, offset);
      if (one) found.push(one);
    }
    continued = plain.endsWith("\\");
    offset += line.length + 1;
  }
  return found;
}
