/** Texts as HTML, and words that all reports share. Pure. */
import type { Fit } from "./escapes.ts";

export const fitWords: Readonly<Record<Fit, string>> = {
  fits: "fits",
  later: "not yet",
  no: "no",
  open: "open",
};

export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}

/** Backquotes become code. */
export function prose(message: string): string {
  return escapeHtml(message).replace(/`([^`]+)`/g, "<code>$1</code>");
}
