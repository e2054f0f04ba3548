/** Reads one Python file from disk, with a limit, so that nothing huge or unreadable stops an analysis. */
import { readFile, stat } from "node:fs/promises";
import { type DecodedSource, decodePython } from "./decodePython.ts";

export type SourceRead =
  | ({ readonly kind: "read"; readonly bytes: number } & DecodedSource)
  | { readonly kind: "skipped"; readonly reason: string };

/** Never throws. `maxBytes` is compared with the file's size before anything is read. */
export async function readSource(path: string, maxBytes: number): Promise<SourceRead> {
  try {
    const { size } = await stat(path);
    if (size > maxBytes) {
      return {
        kind: "skipped",
        reason: `${size} bytes, over the limit of ${maxBytes}`,
      };
    }
    const bytes = await readFile(path);
    return { kind: "read", bytes: bytes.byteLength, ...decodePython(bytes) };
  } catch (error) {
    return { kind: "skipped", reason: readFailure(error) };
  }
}

function readFailure(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Record<string, string> = {
    ENOENT: "no such file",
    EACCES: "no permission to read it",
    EPERM: "no permission to read it",
    EISDIR: "is a directory",
    ELOOP: "too many symbolic links",
  };
  return known[code ?? ""] ?? message;
}
