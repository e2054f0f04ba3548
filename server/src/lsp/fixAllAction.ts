/** `source.fixAll.threadproof`: all fixes of a document that change nothing for programs with one thread, in one step. */
import { type CodeAction, CodeActionKind } from "vscode-languageserver";
import { fixAll } from "../fixes/fixAll.ts";
import { changesBetween } from "../fixes/textChanges.ts";
import type { Session } from "./session.ts";
import { toWorkspaceEdit } from "./workspaceEdit.ts";

export const fixAllKind = `${CodeActionKind.SourceFixAll}.threadproof`;

/** Only for editors that ask for it: on save, or from the menu of source actions. */
export async function fixAllActions(
  session: Session,
  path: string,
  only: readonly CodeActionKind[] | undefined,
): Promise<CodeAction[]> {
  if (only?.some((kind) => fixAllKind === kind || fixAllKind.startsWith(`${kind}.`)) !== true) return [];
  const edits = session.tryOut(
    `fixing ${path}`,
    (program) => {
      const before = program.text(path);
      const after = fixAll(program, { paths: [path], unsafe: false }).texts.get(path);
      return before === undefined || after === undefined ? [] : changesBetween(path, before, after);
    },
    [],
  );
  const edit = edits.length === 0 ? undefined : await toWorkspaceEdit(session, edits);
  return edit === undefined ? [] : [{ title: "Apply all safe fixes of Threadproof", kind: fixAllKind, edit }];
}
