/** Asks the editor to tell of Python files, and of folders that vanish, outside of what it has open. */
import { DidChangeWatchedFilesNotification, WatchKind } from "vscode-languageserver";
import type { Session } from "./session.ts";

export async function watchFiles({ client, connection }: Session): Promise<void> {
  if (client.registerWatchers) {
    await connection.client.register(DidChangeWatchedFilesNotification.type, {
      watchers: [
        { globPattern: "**/*.{py,pyw}" },
        { globPattern: "**/pyproject.toml" },
        { globPattern: "**/{setup.cfg,CMakeLists.txt,meson.build,Cargo.toml,Cargo.lock}" },
        { globPattern: "**/*.{pyx,c,cc,cpp,cxx,h,hpp,rs}" },
        // A deleted folder is one event for the folder, which no pattern of file names matches.
        { globPattern: "**", kind: WatchKind.Delete },
      ],
    });
  }
}
