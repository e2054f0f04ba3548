/** Starts, restarts and ends the language server's process. */
import type * as vscode from "vscode";
import {
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  type ServerOptions,
  State,
  TransportKind,
} from "vscode-languageclient/node";
import type {
  ClientOffers,
  EnvironmentMethod,
  EnvironmentParams,
  EvidenceMethod,
  EvidenceParams,
  ProbedMethod,
  ProbedParams,
  StatusMethod,
  StatusParams,
} from "../../server/src/protocol.ts";
import type { StatusItem } from "./statusItem.ts";

const statusMethod: StatusMethod = "threadproof/status";
const environmentMethod: EnvironmentMethod = "threadproof/environment";
const probedMethod: ProbedMethod = "threadproof/probed";
const evidenceMethod: EvidenceMethod = "threadproof/importEvidence";

export class Server implements vscode.Disposable {
  #client: LanguageClient | undefined;
  readonly #ready = new Set<() => Promise<void>>();
  /** The start, restart or end under way: they run one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly status: StatusItem,
  ) {}

  /** Never rejects: a server that does not start is a state to show, not an error box. */
  start(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#end();
      // A client that failed to start cannot be started again, so each start has its own.
      this.#client = this.#newClient();
      await this.#client.start();
      for (const listener of this.#ready) void listener();
    });
  }

  /** Calls a listener after every successful start. */
  onReady(listener: () => Promise<void>): { dispose(): void } {
    this.#ready.add(listener);
    return { dispose: () => this.#ready.delete(listener) };
  }

  /** Tells which interpreter is selected, so that imports are judged by its packages. */
  async tellEnvironment(python: string | undefined): Promise<void> {
    const params: EnvironmentParams = python === undefined ? {} : { python };
    await this.#client?.sendNotification(environmentMethod, params);
  }

  /** Hands on what the real interpreter answered. */
  async tellProbed(results: ProbedParams["results"]): Promise<void> {
    const params: ProbedParams = { results };
    await this.#client?.sendNotification(probedMethod, params);
  }

  /** All that is known of importing a module, in Markdown; undefined when nothing is. */
  async evidence(module: string): Promise<string | undefined> {
    const params: EvidenceParams = { module };
    return (await this.#client?.sendRequest<string | null>(evidenceMethod, params)) ?? undefined;
  }

  dispose(): void {
    void this.#inTurn(() => this.#end());
  }

  #newClient(): LanguageClient {
    const options = clientOptions(this.log);
    const client = new LanguageClient("threadproof", "Threadproof", serverOptions(this.context), options);
    client.onNotification(statusMethod, (params: StatusParams) => this.status.show(params));
    client.onDidChangeState(({ newState }) => {
      if (client === this.#client && newState !== State.Running) {
        this.status.show({ state: newState === State.Starting ? "starting" : "stopped" });
      }
    });
    return client;
  }

  async #end(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.dispose().catch((error: unknown) => this.log.debug("The language server was gone:", error));
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(action).catch((error: unknown) => {
      this.log.error("The language server does not run:", error);
      this.status.show({ state: "stopped" });
    });
    return this.#turn;
  }
}

function serverOptions(context: vscode.ExtensionContext): ServerOptions {
  const module = context.asAbsolutePath("dist/server.js");
  const transport = TransportKind.ipc;
  return {
    run: { module, transport },
    debug: {
      module,
      transport,
      options: { execArgv: ["--nolazy", "--inspect=6019", "--enable-source-maps"] },
    },
  };
}

function clientOptions(log: vscode.LogOutputChannel): LanguageClientOptions {
  return {
    // No scheme: unsaved files, user-data files and virtual file systems are Python too.
    // What pyproject.toml is called as a language depends on the extensions installed.
    documentSelector: [
      { language: "python" },
      { scheme: "file", pattern: "**/pyproject.toml" },
      { scheme: "file", pattern: "**/{uv.lock,poetry.lock,pdm.lock,Pipfile.lock,pylock*.toml}" },
      { scheme: "file", pattern: "**/*requirements*.{txt,in}" },
      { scheme: "file", pattern: "**/requirements/*.{txt,in}" },
      // Build files and native sources, of which the server looks at those that belong to extension modules.
      { scheme: "file", pattern: "**/{setup.cfg,pytest.ini,tox.ini,CMakeLists.txt,meson.build,Cargo.toml}" },
      {
        scheme: "file",
        pattern: "**/{Dockerfile,Containerfile,Makefile,Procfile,Dockerfile.*,*.dockerfile}",
      },
      { scheme: "file", pattern: "**/*.{pyx,c,cc,cpp,cxx,rs,cmake,yml,yaml,sh,bat,cmd,ps1}" },
    ],
    initializationOptions: { commands: true } satisfies ClientOffers,
    outputChannel: log,
    traceOutputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: (error) => {
      log.error("The language server could not be initialised:", error);
      return false;
    },
  };
}
