/** Writes a changed Python file back as it was: its encoding, its byte-order mark, its line endings, its permissions. */
import { randomBytes } from "node:crypto";
import { open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/**
 * Replaces a file in one step, so that no reader ever sees half of it and a full disk leaves the old one.
 * @param before the text that was read from it
 * @returns why the file was left alone, in words for the user; undefined when it was written
 */
export async function writeSource(path: string, before: string, after: string): Promise<string | undefined> {
  const target = await realpath(path); // a link stays a link
  const bytes = await readFile(target);
  const hasMark = bytes.subarray(0, 3).equals(byteOrderMark);
  const asBytes = (text: string) =>
    Buffer.concat([hasMark ? byteOrderMark : Buffer.alloc(0), Buffer.from(text)]);
  if (!asBytes(before).equals(bytes)) {
    return isUtf8(bytes) ? "it has changed since it was read" : "it is not encoded in UTF-8";
  }
  const written = asBytes(after);
  // Half of a surrogate pair has no place in UTF-8.
  if (written.toString("utf8").slice(hasMark ? 1 : 0) !== after) return "its text cannot be encoded in UTF-8";
  const { mode } = await stat(target);
  const next = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`);
  try {
    const file = await open(next, "wx", mode);
    try {
      await file.writeFile(written);
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, target);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
  return undefined;
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString("utf8")).equals(bytes);
}
