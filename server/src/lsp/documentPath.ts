/** The engine names files by path, the editor by URI; this is the only place that turns one into the other. */
import { URI } from "vscode-uri";

/** Absolute path with forward slashes for files on disk, the URI itself for everything else. */
export function pathOf(uri: string): string {
  const parsed = URI.parse(uri);
  return parsed.scheme === "file" ? parsed.fsPath.replaceAll("\\", "/") : uri;
}

/** The inverse of `pathOf`. */
export function uriOf(path: string): string {
  return isDiskPath(path) ? URI.file(path).toString() : path;
}

/** A URI has a scheme of two letters or more before its colon; one letter is a Windows drive. */
export function isDiskPath(path: string): boolean {
  return !/^[a-z][a-z0-9+.-]+:/i.test(path);
}

// Old revisions beside a diff, and notebook cells, whose code makes sense only as a whole notebook.
const foreignSchemes = new Set(["git", "gitfs", "scm", "vscode-notebook-cell", "vscode-scm", "output"]);

/** Whether a document the editor opened is a Python file in its own right. */
export function isAnalysed(uri: string): boolean {
  return !foreignSchemes.has(URI.parse(uri).scheme);
}
