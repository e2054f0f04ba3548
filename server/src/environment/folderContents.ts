/** Reads what may well be absent: a folder or file that cannot be read is an empty one. */
import { readdirSync, readFileSync } from "node:fs";

/** Names in a folder, in code-unit order. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** A small text file as UTF-8, without a byte-order mark. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  } catch {
    return "";
  }
}
