/** An editor for tests: starts the built server as a process and talks JSON-RPC with it. */
import { resolve } from "node:path";
import { execa } from "execa";
import {
  type ClientCapabilities,
  CodeActionRequest,
  ConfigurationRequest,
  createProtocolConnection,
  type Diagnostic,
  DiagnosticRefreshRequest,
  DidChangeConfigurationNotification,
  DidChangeTextDocumentNotification,
  DidCloseTextDocumentNotification,
  DidOpenTextDocumentNotification,
  DocumentDiagnosticRequest,
  ExitNotification,
  HoverRequest,
  InitializedNotification,
  type InitializeParams,
  InitializeRequest,
  type InitializeResult,
  LogMessageNotification,
  type Position,
  type ProgressToken,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  type Range,
  RegistrationRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
  WorkDoneProgress,
  WorkDoneProgressCreateRequest,
} from "vscode-languageserver/node";
import type { StatusMethod, StatusParams } from "../src/protocol.ts";

const root = resolve(import.meta.dirname, "../..");
const statusMethod: StatusMethod = "threadproof/status";

/** What VS Code says about itself, as far as the server asks. */
export const pullingEditor: ClientCapabilities = {
  workspace: {
    configuration: true,
    diagnostics: { refreshSupport: true },
    didChangeConfiguration: { dynamicRegistration: true },
    didChangeWatchedFiles: { dynamicRegistration: true },
    workspaceEdit: { documentChanges: true },
    workspaceFolders: true,
  },
  textDocument: {
    diagnostic: {},
    publishDiagnostics: { relatedInformation: true },
    codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: ["quickfix"] } } },
  },
  window: { workDoneProgress: true },
};

export class LspClient {
  readonly log: string[] = [];
  settings: unknown = {};
  capabilities!: InitializeResult["capabilities"];
  readonly #process;
  readonly #connection: ProtocolConnection;
  readonly #waiting: { wants: (event: Event) => boolean; resolve: (event: Event) => void }[] = [];

  constructor(command: string[] = ["dist/cli.js", "lsp", "--stdio"]) {
    this.#process = execa(process.execPath, command, {
      cwd: root,
      buffer: false,
      reject: false,
      stdin: "pipe",
    });
    this.#connection = createProtocolConnection(
      new StreamMessageReader(this.#process.stdout),
      new StreamMessageWriter(this.#process.stdin),
    );
    this.#connection.onRequest(ConfigurationRequest.type, ({ items }) => items.map(() => this.settings));
    this.#connection.onRequest(RegistrationRequest.type, () => {});
    this.#connection.onRequest(WorkDoneProgressCreateRequest.type, ({ token }) => {
      this.#connection.onProgress(WorkDoneProgress.type, token, ({ kind }) => {
        this.#happened({ kind: "progress", token, phase: kind });
      });
    });
    this.#connection.onRequest(DiagnosticRefreshRequest.type, () => this.#happened({ kind: "refresh" }));
    this.#connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      this.#happened({ kind: "published", uri, diagnostics });
    });
    this.#connection.onNotification(statusMethod, (status: StatusParams) => {
      this.#happened({ kind: "status", status });
    });
    this.#connection.onNotification(
      LogMessageNotification.type,
      ({ message }) => void this.log.push(message),
    );
    this.#connection.listen();
  }

  /** Resolves once the server has read the workspace. */
  async start(params: Partial<InitializeParams> = {}): Promise<void> {
    await (await this.begin(params)).ready;
  }

  /** Resolves when the conversation has begun; `ready` once the server has read the workspace. */
  async begin(params: Partial<InitializeParams> = {}): Promise<{ ready: Promise<StatusParams> }> {
    const result = await this.#connection.sendRequest(InitializeRequest.type, {
      processId: process.pid,
      rootUri: null,
      workspaceFolders: null,
      capabilities: pullingEditor,
      ...params,
    });
    this.capabilities = result.capabilities;
    const ready = this.next(isReady).then((event) => (event as StatusEvent).status);
    await this.#connection.sendNotification(InitializedNotification.type, {});
    return { ready };
  }

  /** The exit code, after an orderly goodbye. */
  async stop(): Promise<number | undefined> {
    await this.#connection.sendRequest(ShutdownRequest.type);
    await this.#connection.sendNotification(ExitNotification.type);
    return (await this.#process).exitCode;
  }

  /** The exit code after the editor vanished. */
  async hangUp(): Promise<number | undefined> {
    this.#process.stdin.end();
    return (await this.#process).exitCode;
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  open(uri: string, text: string): Promise<void> {
    return this.#connection.sendNotification(DidOpenTextDocumentNotification.type, {
      textDocument: { uri, languageId: "python", version: 1, text },
    });
  }

  /** An incremental edit. */
  edit(uri: string, version: number, range: Range, text: string): Promise<void> {
    return this.#connection.sendNotification(DidChangeTextDocumentNotification.type, {
      textDocument: { uri, version },
      contentChanges: [{ range, text }],
    });
  }

  close(uri: string): Promise<void> {
    return this.#connection.sendNotification(DidCloseTextDocumentNotification.type, {
      textDocument: { uri },
    });
  }

  configure(settings: unknown): Promise<void> {
    this.settings = settings;
    return this.#connection.sendNotification(DidChangeConfigurationNotification.type, { settings: null });
  }

  notify(method: string, params: object): Promise<void> {
    return this.#connection.sendNotification(method, params);
  }

  pull(uri: string, previousResultId?: string) {
    return this.#connection.sendRequest(DocumentDiagnosticRequest.type, {
      textDocument: { uri },
      ...(previousResultId && { previousResultId }),
    });
  }

  async diagnostics(uri: string): Promise<Diagnostic[]> {
    const report = await this.pull(uri);
    return report.kind === "full" ? report.items : [];
  }

  codeActions(uri: string, diagnostic: Diagnostic, only?: string[]) {
    return this.#connection.sendRequest(CodeActionRequest.type, {
      textDocument: { uri },
      range: diagnostic.range,
      context: { diagnostics: [diagnostic], ...(only && { only }) },
    });
  }

  hover(uri: string, position: Position) {
    return this.#connection.sendRequest(HoverRequest.type, { textDocument: { uri }, position });
  }

  /** A request beyond LSP. */
  request(method: string, params: object): Promise<unknown> {
    return this.#connection.sendRequest(method, params);
  }

  /** Call before what causes the event. */
  next(wants: (event: Event) => boolean): Promise<Event> {
    return new Promise((resolve) => this.#waiting.push({ wants, resolve }));
  }

  #happened(event: Event): void {
    for (const waiter of this.#waiting.filter(({ wants }) => wants(event))) {
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      waiter.resolve(event);
    }
  }
}

export type Event =
  | { kind: "refresh" }
  | { kind: "published"; uri: string; diagnostics: Diagnostic[] }
  | { kind: "progress"; token: ProgressToken; phase: "begin" | "report" | "end" }
  | StatusEvent;

interface StatusEvent {
  readonly kind: "status";
  readonly status: StatusParams;
}

const isReady = (event: Event) => event.kind === "status" && event.status.state === "ready";

export const refresh = (event: Event) => event.kind === "refresh";
