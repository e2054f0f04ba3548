// The language server as an editor meets it: the built program, over its standard streams.
import { mkdir, mkdtemp, realpath, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { CodeAction, TextDocumentEdit, type TextEdit } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { LspClient, pullingEditor, refresh } from "./lspClient.ts";

const racy = `import threading

count = 0


def work():
    global count
    for _ in range(1000):
        count += 1


def main():
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


main()
`;
const augmentedLine = 8;
const counter = `count = 0


def bump():
    global count
    count += 1
`;
const starter = `import threading

import counter

threading.Thread(target=counter.bump).start()
threading.Thread(target=counter.bump).start()
`;

let client: LspClient;

afterEach(() => client.kill());

const uri = "file:///nowhere/racy.py";

describe("one document", () => {
  beforeEach(async () => {
    client = new LspClient();
    await client.start();
  });

  test("announces incremental sync, pulled diagnostics and quick fixes", () => {
    expect(client.capabilities).toEqual({
      textDocumentSync: { openClose: true, change: 2 },
      workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      codeActionProvider: { codeActionKinds: ["quickfix", "source.fixAll.threadproof"] },
      hoverProvider: true,
      diagnosticProvider: {
        identifier: "threadproof",
        interFileDependencies: true,
        workspaceDiagnostics: false,
      },
    });
  });

  test("reports a race with its rule, page, evidence and the other place", async () => {
    await client.open(uri, racy);
    const [race, ...others] = await client.diagnostics(uri);
    expect(others).toEqual([]);
    expect(race).toMatchObject({
      source: "Threadproof",
      severity: 2,
      range: { start: { line: augmentedLine } },
      data: { evidence: "proven", symbol: "count", function: "work" },
    });
    expect(race!.code).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(race!.codeDescription!.href).toMatch(new RegExp(`/docs/rules/${race!.code}\\.md$`));
    expect(race!.relatedInformation!.map(({ location }) => location.uri)).toContain(uri);
  });

  test("does not repeat a report that has not changed", async () => {
    await client.open(uri, racy);
    const first = await client.pull(uri);
    const second = await client.pull(uri, first.resultId);
    expect(second).toEqual({ kind: "unchanged", resultId: first.resultId });
  });

  test("follows incremental edits", async () => {
    await client.open(uri, racy);
    const before = await client.pull(uri);
    const line = {
      start: { line: augmentedLine, character: 0 },
      end: { line: augmentedLine + 1, character: 0 },
    };
    await client.edit(uri, 2, line, "        pass\n");
    const after = await client.pull(uri, before.resultId);
    expect(after).toMatchObject({ kind: "full", items: [] });
  });

  test("offers a preferred fix after which the finding is gone", async () => {
    await client.open(uri, racy);
    const [race] = await client.diagnostics(uri);
    const actions = (await client.codeActions(uri, race!, ["quickfix"]))!;
    const fix = actions.filter((action) => CodeAction.is(action)).find(({ isPreferred }) => isPreferred);
    expect(fix).toMatchObject({ kind: "quickfix", diagnostics: [race] });
    const [change] = fix!.edit!.documentChanges!.filter((part) => TextDocumentEdit.is(part));
    expect(change!.textDocument).toEqual({ uri, version: 1 });
    const fixed = TextDocument.applyEdits(
      TextDocument.create(uri, "python", 1, racy),
      change!.edits as TextEdit[],
    );
    await client.close(uri);
    await client.open(uri, fixed);
    expect((await client.diagnostics(uri)).map(({ code }) => code)).not.toContain(race!.code);
  });

  test("offers no quick fix to who asks for refactorings", async () => {
    await client.open(uri, racy);
    const [race] = await client.diagnostics(uri);
    expect(await client.codeActions(uri, race!, ["refactor"])).toEqual([]);
  });

  test.each([
    ["nothing closed", "def f(:\n    ((((\n  class\n"],
    ["bytes of no meaning", "\0\u{1f600}\uFFFF\r\r\n\t\\"],
    ["deep nesting", "(".repeat(5000)],
  ])("survives broken code: %s", async (_name, text) => {
    await client.open("file:///nowhere/broken.py", text);
    await client.open(uri, racy);
    expect(await client.diagnostics("file:///nowhere/broken.py")).toEqual([]);
    expect(await client.diagnostics(uri)).toHaveLength(1);
  });

  test("checks unsaved and virtual documents", async () => {
    for (const other of ["untitled:Untitled-1", "vscode-vfs://github/owner/name/racy.py"]) {
      await client.open(other, racy);
      const [race] = await client.diagnostics(other);
      expect(race!.relatedInformation![0]!.location.uri).toBe(other);
    }
  });

  test("leaves old revisions and notebook cells alone", async () => {
    for (const other of ["git:/nowhere/racy.py?ref", "vscode-notebook-cell:/nowhere/a.ipynb#W0"]) {
      await client.open(other, racy);
      expect(await client.diagnostics(other)).toEqual([]);
    }
  });

  test("obeys changed settings and asks to be asked again", async () => {
    await client.open(uri, racy);
    expect(await client.diagnostics(uri)).toHaveLength(1);
    const refreshed = client.next(refresh);
    await client.configure({ concurrency: "off", targetVersion: "no such version" });
    await refreshed;
    expect(await client.diagnostics(uri)).toEqual([]);
  });

  test("ends in order, with exit code 0", async () => {
    expect(await client.stop()).toBe(0);
  });

  test("ends when the editor vanishes", async () => {
    expect(await client.hangUp()).toBe(1);
  });
});

describe("a workspace on disk", () => {
  let folder: string;
  const at = (name: string) => pathToFileURL(join(folder, name)).toString();
  const start = () => client.start({ workspaceFolders: [{ name: "w", uri: at("") }] });

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "threadproof-lsp-")));
    client = new LspClient();
    await writeFile(join(folder, "counter.py"), counter);
    await writeFile(join(folder, "starter.py"), starter);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test("sees threads started in files that are not open, until they are gone", async () => {
    await start();
    await client.open(at("counter.py"), counter);
    const [race] = await client.diagnostics(at("counter.py"));
    expect(race).toMatchObject({ data: { evidence: "proven", symbol: "count" } });
    expect(race!.relatedInformation!.map(({ location }) => location.uri)).toContain(at("starter.py"));

    await unlink(join(folder, "starter.py"));
    const refreshed = client.next(refresh);
    await client.notify("workspace/didChangeWatchedFiles", { changes: [{ uri: at("starter.py"), type: 3 }] });
    await refreshed;
    expect(await client.diagnostics(at("counter.py"))).toEqual([]);
  });

  test("takes in files that appear, except where git ignores them", async () => {
    await unlink(join(folder, "starter.py"));
    await writeFile(join(folder, ".gitignore"), "build/\n");
    await mkdir(join(folder, "build"));
    await start();
    await client.open(at("counter.py"), counter);
    expect(await client.diagnostics(at("counter.py"))).toEqual([]);

    const created = (name: string) => ({ changes: [{ uri: at(name), type: 1 }] });
    await writeFile(join(folder, "build/starter.py"), starter);
    await client.notify("workspace/didChangeWatchedFiles", created("build/starter.py"));
    await writeFile(join(folder, "starter.py"), starter);
    const refreshed = client.next(refresh);
    await client.notify("workspace/didChangeWatchedFiles", created("starter.py"));
    await refreshed;
    const [race] = await client.diagnostics(at("counter.py"));
    expect(JSON.stringify(race!.relatedInformation)).not.toContain("build");
  });

  test("an edit in one open document refreshes the other", async () => {
    await start();
    await client.open(at("counter.py"), counter);
    await client.open(at("starter.py"), starter);
    expect(await client.diagnostics(at("counter.py"))).toHaveLength(1);
    await client.diagnostics(at("starter.py"));

    const refreshed = client.next(refresh);
    const threads = { start: { line: 4, character: 0 }, end: { line: 6, character: 0 } };
    await client.edit(at("starter.py"), 2, threads, "");
    await refreshed;
    expect(await client.diagnostics(at("counter.py"))).toEqual([]);
  });

  test("closing without saving brings the file on disk back", async () => {
    await start();
    await client.open(at("counter.py"), counter);
    await client.open(at("starter.py"), "");
    expect(await client.diagnostics(at("counter.py"))).toEqual([]);
    const refreshed = client.next(refresh);
    await client.close(at("starter.py"));
    await refreshed;
    expect(await client.diagnostics(at("counter.py"))).toHaveLength(1);
  });

  test("reads only what is open when told so", async () => {
    client.settings = { indexWorkspace: false };
    await start();
    await client.open(at("counter.py"), counter);
    expect(await client.diagnostics(at("counter.py"))).toEqual([]);
    const refreshed = client.next(refresh);
    await client.configure({ indexWorkspace: true });
    await refreshed;
    expect(await client.diagnostics(at("counter.py"))).toHaveLength(1);
  });
});

describe("a workspace too large to read", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), "threadproof-large-")));
    await Promise.all(
      Array.from({ length: 5_010 }, (_, i) => writeFile(join(folder, `m${i}.py`), "x = 1\n")),
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const begin = () =>
    client.begin({ workspaceFolders: [{ name: "w", uri: pathToFileURL(folder).toString() }] });

  test("is read up to a limit that the user is told, and requests come in between", async () => {
    client = new LspClient();
    const { ready } = await begin();
    await client.open(uri, racy);
    const first = await Promise.race([client.pull(uri), ready]);
    expect(first).toHaveProperty("kind", "full");
    expect(await ready).toMatchObject({
      files: 5_001,
      limited: expect.stringContaining("5000 Python files"),
    });
  });

  test("is left when the user cancels", async () => {
    client = new LspClient();
    const progress = client.next((event) => event.kind === "progress");
    const { ready } = await begin();
    const { token } = (await progress) as { token: unknown };
    await client.notify("window/workDoneProgress/cancel", { token });
    const { files, limited } = await ready;
    expect(files).toBeLessThan(5_000);
    expect(limited).toContain("cancelled");
  });
});

test("publishes to editors that cannot ask, in their own terms", async () => {
  client = new LspClient(["dist/server.js", "--stdio"]);
  const { textDocument, ...rest } = pullingEditor;
  const capabilities = { textDocument: { codeAction: textDocument!.codeAction! }, window: rest.window! };
  await client.start({ capabilities, initializationOptions: { concurrency: "auto" } });
  expect(client.capabilities.diagnosticProvider).toBeUndefined();

  const published = client.next(
    (event) => event.kind === "published" && event.uri === uri && event.diagnostics.length === 1,
  );
  await client.open(uri, racy);
  await published;
  const cleared = client.next(
    (event) => event.kind === "published" && event.uri === uri && event.diagnostics.length === 0,
  );
  await client.close(uri);
  await cleared;
});
