/**
 * Diagnostics of open documents, by request and, for editors that cannot ask, by publication. A result id is a digest
 * of the diagnostics themselves: whatever happened in between, equal ids mean that there is nothing to send.
 */
import { createHash } from "node:crypto";
import {
  type Diagnostic,
  type DocumentDiagnosticReport,
  DocumentDiagnosticReportKind,
} from "vscode-languageserver";
import { ConfigurationFiles } from "./configurationFiles.ts";
import { toDiagnostic } from "./diagnostic.ts";
import { isAnalysed, pathOf } from "./documentPath.ts";
import type { Session } from "./session.ts";

interface Report {
  readonly generation: number;
  readonly id: string;
  readonly items: Diagnostic[];
}

/** How long edits must rest before the documents around them are looked at again, in ms. */
const restMs = 250;

export class Reports {
  readonly #latest = new Map<string, Report>();
  /** Path to the result id the editor was last given. */
  readonly #delivered = new Map<string, string>();
  #pending: NodeJS.Timeout | undefined;

  constructor(private readonly session: Session) {}

  /** Answers `textDocument/diagnostic`. */
  pull(uri: string, previousResultId: string | undefined): DocumentDiagnosticReport {
    if (!isAnalysed(uri)) {
      return { kind: DocumentDiagnosticReportKind.Full, items: [] };
    }
    const path = pathOf(uri);
    const { id, items } = this.#report(path);
    this.#delivered.set(path, id);
    return id === previousResultId
      ? { kind: DocumentDiagnosticReportKind.Unchanged, resultId: id }
      : { kind: DocumentDiagnosticReportKind.Full, resultId: id, items };
  }

  /** Something changed: once it rests, tell the editor about every open document it made a difference to. */
  changed(): void {
    clearTimeout(this.#pending);
    this.#pending = setTimeout(() => this.#deliver(), restMs);
  }

  closed(uri: string): void {
    const path = pathOf(uri);
    this.#latest.delete(path);
    if (this.#delivered.delete(path) && !this.session.client.pullDiagnostics) {
      void this.session.connection.sendDiagnostics({ uri, diagnostics: [] });
    }
  }

  #deliver(): void {
    const { client, connection } = this.session;
    if (!client.pullDiagnostics) {
      this.#publish();
    } else if (client.refreshDiagnostics && this.#outdated().some((path) => this.#delivered.has(path))) {
      connection.languages.diagnostics.refresh();
    }
  }

  #publish(): void {
    for (const path of this.#outdated()) {
      const { configurations, imports, builds } = this.session;
      const document =
        this.session.openDocument(path) ??
        configurations.openDocument(path) ??
        imports?.openDocument(path) ??
        builds?.openDocument(path);
      const { id, items } = this.#report(path);
      this.#delivered.set(path, id);
      if (document !== undefined) {
        const { uri, version } = document;
        void this.session.connection.sendDiagnostics({ uri, version, diagnostics: items });
      }
    }
  }

  /** Open documents whose diagnostics are no longer what the editor has. */
  #outdated(): string[] {
    const { configurations, imports, builds } = this.session;
    const open = new Set([
      ...this.session.openPaths(),
      ...configurations.openPaths(),
      ...(imports?.openPaths() ?? []),
      ...(builds?.openPaths() ?? []),
    ]);
    return [...open].filter((path) => this.#report(path).id !== this.#delivered.get(path));
  }

  #report(path: string): Report {
    const known = this.#latest.get(path);
    const { generation, client } = this.session;
    if (known?.generation === generation) {
      return known;
    }
    const { imports, configurations, builds } = this.session;
    const namesDependencies = imports?.openDocument(path) !== undefined;
    const findings = namesDependencies ? imports.dependencyFindings(path) : this.session.findings(path);
    const items = [
      ...(ConfigurationFiles.isOne(path) ? configurations.diagnostics(path) : []),
      ...[...findings, ...(builds?.findings(path) ?? [])].map((finding) =>
        toDiagnostic(finding, (file) => this.session.locate(file), client.relatedInformation),
      ),
    ];
    const id = createHash("sha256").update(JSON.stringify(items)).digest("base64url").slice(0, 16);
    const report = { generation, id, items };
    this.#latest.set(path, report);
    return report;
  }
}
