/** The whole verdict on the import, or the dependency, under the cursor. */
import { type Hover, type HoverParams, MarkupKind } from "vscode-languageserver";
import { standardLibrary } from "../environment/standardLibrary.ts";
import { readDependencies } from "../imports/dependencies/projectFiles.ts";
import { outsideImports } from "../imports/importFindings.ts";
import { sourceImports } from "../imports/sourceImports.ts";
import type { ImportVerdict } from "../imports/verdict.ts";
import { verdictMarkdown } from "../imports/verdictText.ts";
import { WorkspaceModules } from "../imports/workspaceModules.ts";
import { pathOf } from "./documentPath.ts";
import type { ImportAudits } from "./importAudits.ts";
import type { Session } from "./session.ts";

export async function importHover(
  session: Session,
  audits: ImportAudits,
  { textDocument, position }: HoverParams,
): Promise<Hover | null> {
  const path = pathOf(textDocument.uri);
  const document = session.openDocument(path) ?? audits.openDocument(path);
  const { audit } = audits;
  if (!document || !audit) return null;
  const offset = document.offsetAt(position);
  const text = document.getText();
  const at = ({ start, end }: { readonly start: number; readonly end: number }) =>
    start <= offset && offset <= end;
  let verdicts: ImportVerdict[] = [];
  let place: { readonly start: number; readonly end: number } | undefined;
  if (session.openDocument(path)) {
    place = sourceImports(text, audit.platform).find(at);
    if (!place) return null;
    const own = sourceImports(text, audit.platform).filter(at);
    const workspace = new WorkspaceModules(session.folders, audit.platform);
    const outside = outsideImports(path, text, audit, workspace).filter(({ statement }) => at(statement));
    const standard = own.filter(
      ({ module, level }) => level === 0 && standardLibrary.has(module.split(".", 1)[0]!),
    );
    const modules = [...outside.map(({ module }) => module), ...standard.map(({ module }) => module)];
    verdicts = await Promise.all([...new Set(modules)].map((module) => audit.verdict(module)));
  } else {
    const dependency = readDependencies(path, text).find(at);
    place = dependency;
    if (dependency) verdicts = [await audit.dependencyVerdict(dependency)];
  }
  if (!place || verdicts.length === 0) return null;
  return {
    contents: { kind: MarkupKind.Markdown, value: verdicts.map(verdictMarkdown).join("\n\n---\n\n") },
    range: { start: document.positionAt(place.start), end: document.positionAt(place.end) },
  };
}
