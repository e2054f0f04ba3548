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
import type { StatusMethod, StatusParams } from "../../server/src/protocol.ts";
import type { StatusItem } from "./statusItem.ts";

const statusMethod: StatusMethod = "threadproof/status";

export class Server implements vscode.Disposable {
  readonly #client: LanguageClient;
  /** The start, stop or restart under way: they run one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(
    context: vscode.ExtensionContext,
    private readonly log: vscode.LogOutputChannel,
    private readonly status: StatusItem,
  ) {
    this.#client = new LanguageClient(
      "threadproof",
      "Threadproof",
      serverOptions(context),
      clientOptions(log),
    );
    this.#client.onNotification(statusMethod, (params: StatusParams) => status.show(params));
    this.#client.onDidChangeState(({ newState }) => {
      if (newState === State.Starting) {
        status.show({ state: "starting" });
      } else if (newState === State.Stopped) {
        status.show({ state: "stopped" });
      }
    });
  }

  /** Never rejects: a server that does not start is a state to show, not an error box. */
  start(): Promise<void> {
    return this.#inTurn(() => this.#client.start());
  }

  restart(): Promise<void> {
    return this.#inTurn(() => this.#client.restart());
  }

  dispose(): void {
    void this.#inTurn(() => this.#client.dispose());
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
    documentSelector: [{ language: "python" }],
    outputChannel: log,
    traceOutputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: (error) => {
      log.error("The language server could not be initialised:", error);
      return false;
    },
  };
}
