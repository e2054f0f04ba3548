/** Packages of lock files, with the wheels they name: knowledge about the very versions in use, without network. */
import { normalisedName } from "../../environment/distributions.ts";
import type { Dependency } from "./dependency.ts";

/** `uv.lock`, `poetry.lock`, `pdm.lock` (`[[package]]`) and `pylock.toml` (`[[packages]]`). */
export function readTomlLock(text: string): Dependency[] {
  const heads = [...text.matchAll(/^\[\[packages?\]\][ \t]*\r?$/gm)].map(({ index }) => index);
  return heads.flatMap((start, index) => {
    const block = text.slice(start, heads[index + 1] ?? text.length);
    const name = /^name[ \t]*=[ \t]*(["'])([\w.-]+)\1/m.exec(block);
    if (!name) return [];
    const version = /^version[ \t]*=[ \t]*(["'])([^"']+)\1/m.exec(block)?.[2];
    const at = start + name.index + name[0].indexOf(name[2]!);
    const wheels = [...block.matchAll(/[\w.+!-]+\.whl\b/g)].map(([file]) => file);
    const place = { start: at, end: at + name[2]!.length };
    // A lock file that names no file of a package says nothing of its wheels.
    const listed = /\.(whl|tar\.gz|zip)\b/.test(block);
    return [
      { name: normalisedName(name[2]!), version, ...place, ...(listed && { wheels: [...new Set(wheels)] }) },
    ];
  });
}

/** `Pipfile.lock`: JSON, whose packages name versions and hashes but no files. */
export function readPipfileLock(text: string): Dependency[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return [];
  }
  const groups = Object.values(content as Record<string, unknown>).filter((group) => isTable(group));
  return groups.flatMap((group) =>
    Object.entries(group).flatMap(([name, entry]) => {
      const written = isTable(entry) && typeof entry.version === "string" ? entry.version : undefined;
      const place = text.indexOf(`"${name}": {`);
      if (written === undefined || place < 0) return [];
      const version = /^==\s*(.+)$/.exec(written)?.[1];
      return [{ name: normalisedName(name), version, start: place + 1, end: place + 1 + name.length }];
    }),
  );
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
