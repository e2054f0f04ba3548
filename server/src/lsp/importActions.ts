/** Actions on import findings: show the evidence, ask the real interpreter, read the rule's page. */
import { type CodeAction, CodeActionKind, type CodeActionParams } from "vscode-languageserver";
import { rulePage } from "../findings/rulePage.ts";
import { importRules } from "../imports/importRules.ts";
import type { ImportCommand } from "../protocol.ts";
import type { Session } from "./session.ts";

const ruleNames: ReadonlySet<string> = new Set(importRules.map(({ name }) => name));

const commands: readonly { readonly command: ImportCommand; readonly title: (module: string) => string }[] = [
  { command: "threadproof.showImportEvidence", title: (module) => `Show the evidence about "${module}"` },
  { command: "threadproof.probeImport", title: (module) => `Import "${module}" and look at the GIL` },
];

/** Commands are the client's, so only clients that say that they have them are offered any. */
export function importActions(session: Session, { context, textDocument }: CodeActionParams): CodeAction[] {
  const found = context.diagnostics.filter(
    ({ code, source }) => source === "Threadproof" && ruleNames.has(String(code)),
  );
  if (found.length === 0 || (context.only && !context.only.includes(CodeActionKind.QuickFix))) return [];
  return found.flatMap((diagnostic) => {
    const module = (diagnostic.data as { symbol?: unknown } | undefined)?.symbol;
    if (typeof module !== "string" || !session.client.commands) return [];
    const base = { kind: CodeActionKind.QuickFix, diagnostics: [diagnostic] };
    const own = commands.map(({ command, title }) => ({
      ...base,
      title: title(module),
      command: { command, title: title(module), arguments: [module, textDocument.uri] },
    }));
    const page = rulePage(String(diagnostic.code));
    const title = `Read about ${diagnostic.code}`;
    return [...own, { ...base, title, command: { command: "vscode.open", title, arguments: [page] } }];
  });
}
