/** Real VS Code, served by code-server from folders of its own, with the packed extension installed. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";
import { provided } from "./provided.ts";

/** Makes a quiet window: no welcome, no tips, no chat. */
const quiet = {
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.reduceMotion": "on",
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "chat.disableAIFeatures": true,
  "editor.minimap.enabled": false,
  "extensions.ignoreRecommendations": true,
  "window.restoreWindows": "none",
  "files.autoSave": "off",
};

export interface CodeServer {
  /** Where the browser finds the editor with the workspace opened. */
  readonly url: string;
  /** Everything the process has printed so far. */
  log(): string;
  /** Changes settings while the editor runs. */
  configure(more: object): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Installs the extension and starts the editor on `workspace`.
 * @param settings what the user's settings say besides what keeps the window quiet
 * @param vsix the packed extension
 * @param env what the editor finds in its environment besides or instead of ours
 */
export async function startCodeServer(
  workspace: string,
  settings: object,
  vsix = provided.vsix(),
  env: Record<string, string> = {},
): Promise<CodeServer> {
  const home = await mkdtemp(path.join(tmpdir(), "threadproof-editor-"));
  const data = path.join(home, "data");
  const configure = async (more: object) => {
    const text = JSON.stringify({ ...quiet, ...settings, ...more });
    for (const scope of ["User", "Machine"]) {
      await mkdir(path.join(data, scope), { recursive: true });
      await writeFile(path.join(data, scope, "settings.json"), text);
    }
  };
  await configure({});
  const folders = ["--user-data-dir", data, "--extensions-dir", path.join(home, "extensions")];
  const config = ["--config", path.join(home, "config.yaml")];
  const entry = [provided.codeServer(), ...config, ...folders];
  await execa(provided.editorNode(), [...entry, "--install-extension", vsix]);

  const quietly = ["--auth", "none", "--disable-telemetry", "--disable-update-check"];
  const args = [...entry, ...quietly, "--bind-addr", "127.0.0.1:0", workspace];
  const server = execa(provided.editorNode(), args, { all: true, reject: false, buffer: false, env });
  let printed = "";
  const origin = await new Promise<string>((resolve, reject) => {
    server.all.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      const listening = /HTTP server listening on (http:\/\/\S+?)\/?\s/.exec(printed);
      if (listening) resolve(listening[1]!);
    });
    void server.then(() => reject(new Error(`code-server ended early:\n${printed}`)));
  });
  return {
    url: `${origin}/?folder=${encodeURIComponent(workspace)}`,
    log: () => printed,
    configure,
    stop: async () => {
      server.kill();
      await server;
      await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}
