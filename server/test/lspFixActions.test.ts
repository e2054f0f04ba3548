// The actions of the language server beyond single quick fixes: fix all, silence, declare, read, stress test.
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CodeAction, CreateFile, TextDocumentEdit, type TextEdit } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { LspClient, pullingEditor } from "./lspClient.ts";

const progress = `import threading


class Progress:
    def __init__(self):
        self._lock = threading.Lock()
        self.done = 0

    def advance(self):
        with self._lock:
            self.done += 1

    def restart(self):
        with self._lock:
            self.done = 0

    def step(self):
        self.done += 1
`;
const waiting = `import asyncio
import threading

total = 0


async def add(job):
    global total
    total += await job


def work(job):
    asyncio.run(add(job))


def main(jobs):
    for job in jobs:
        threading.Thread(target=work, args=(job,)).start()
`;
const program = `import threading

total = 0
sessions = {}


def work(token):
    global total
    total += 1
    if token in sessions:
        del sessions[token]


for n in range(4):
    threading.Thread(target=work, args=(n,)).start()
`;

let client: LspClient;
let root: string;
beforeAll(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), "threadproof-actions-")));
  await writeFile(path.join(root, "progress.py"), progress);
  client = new LspClient();
  const { textDocument, workspace, ...rest } = pullingEditor;
  await client.start({
    workspaceFolders: [{ uri: pathToFileURL(root).toString(), name: "root" }],
    initializationOptions: { commands: true },
    capabilities: {
      ...rest,
      workspace: {
        ...workspace,
        workspaceEdit: { documentChanges: true, resourceOperations: ["create"] },
      },
      textDocument: { ...textDocument, codeAction: { ...textDocument!.codeAction, disabledSupport: true } },
    },
  });
});
afterAll(async () => {
  await client.stop();
  await rm(root, { recursive: true, force: true });
});

async function actionsAt(uri: string, text: string, rule: string, only?: string[]): Promise<CodeAction[]> {
  await client.open(uri, text);
  const found = (await client.diagnostics(uri)).find((diagnostic) => diagnostic.code === rule);
  const actions = (await client.codeActions(uri, found!, only))!;
  await client.close(uri);
  return actions as CodeAction[]; // the server sends no bare commands
}

function apply(text: string, action: CodeAction): string {
  const parts = action.edit!.documentChanges!.filter((part) => TextDocumentEdit.is(part));
  expect(parts).toHaveLength(1);
  return TextDocument.applyEdits(TextDocument.create("", "python", 1, text), parts[0]!.edits as TextEdit[]);
}

describe("around a finding", () => {
  const uri = () => pathToFileURL(path.join(root, "progress.py")).toString();
  const rule = "instance-read-modify-write";
  const all = () => actionsAt(uri(), progress, rule);

  test("repairs come first, silence last, and all actions are tied to the finding", async () => {
    const actions = await all();
    expect(actions[0]).toMatchObject({ isPreferred: true, kind: "quickfix" });
    expect(actions.every((action) => action.diagnostics?.[0]?.code === rule)).toBe(true);
    expect(actions.map(({ title }) => title.split(" ", 1)[0])).toEqual([
      "Guard",
      "Declare",
      "Turn",
      "Silence",
      "Silence",
      "Read",
    ]);
  });

  test("why a fix would be wrong can be asked, in editors that hide it as in others", async () => {
    const uri = pathToFileURL(path.join(root, "waiting.py")).toString();
    const actions = await actionsAt(uri, waiting, "global-read-modify-write");
    const refused = actions.filter(({ disabled }) => disabled !== undefined);
    const [why] = actions.filter(({ title }) => title === "Why is no fix offered…");
    expect(why!.command).toMatchObject({
      command: "threadproof.explainRefusal",
      arguments: [
        {
          refusals: refused
            .filter(({ title }) => !title.includes("stress test"))
            .map(({ title, disabled }) => ({ title, reason: disabled!.reason })),
          page: expect.stringMatching(/\/global-read-modify-write\.md$/),
        },
      ],
    });
    expect(refused[0]!.disabled!.reason).toContain("await");
  });

  test("it can be silenced, with a reason asked for by the client", async () => {
    const actions = await all();
    const silence = actions.find(({ title }) => title === `Silence ${rule} here`)!;
    expect(apply(progress, silence)).toContain(`        self.done += 1  # threadproof: ignore[${rule}]\n`);
    const withReason = actions.find(({ title }) => title.endsWith("with a reason…"))!;
    expect(withReason.command).toMatchObject({
      command: "threadproof.silenceWithReason",
      arguments: [{ uri: uri(), comment: `  # threadproof: ignore[${rule}]` }],
    });
  });

  test("its guard can be declared", async () => {
    const declare = (await all()).find(({ title }) => title.startsWith("Declare that"))!;
    expect(apply(progress, declare)).toContain(
      "        self.done = 0  # guarded-by: _lock\n\n    def advance",
    );
  });

  test("its page can be read", async () => {
    const read = (await all()).find(({ title }) => title === `Read about ${rule}`)!;
    expect(read.command).toMatchObject({
      command: "vscode.open",
      arguments: [expect.stringMatching(/^https:.*\/docs\/rules\/instance-read-modify-write\.md$/)],
    });
  });

  test("a stress test is made as a new file, beside one that is there", async () => {
    const make = (await all()).find(({ title }) => title.startsWith("Turn into a stress test"))!;
    const [creation, content] = make.edit!.documentChanges!;
    expect(CreateFile.is(creation)).toBe(true);
    expect((creation as CreateFile).uri).toMatch(/\/tests\/test_stress_progress_progress_step\.py$/);
    const [whole] = (content as TextDocumentEdit).edits as TextEdit[];
    expect(whole!.newText).toContain("module.Progress()");
  });

  test("a stress test that cannot be made says why", async () => {
    const actions = await actionsAt(
      pathToFileURL(path.join(root, "program.py")).toString(),
      program,
      "global-read-modify-write",
    );
    const make = actions.find(({ title }) => title === "Turn into a stress test")!;
    expect(make.disabled?.reason).toContain("Importing the module runs");
    expect(make.edit).toBeUndefined();
  });
});

describe("fix all", () => {
  const uri = () => pathToFileURL(path.join(root, "program.py")).toString();

  test.each([["source.fixAll.threadproof"], ["source.fixAll"], ["source"]])(
    "is there for %s, in one edit",
    async (kind) => {
      const [action, ...others] = await actionsAt(uri(), program, "global-read-modify-write", [kind]);
      expect(others).toEqual([]);
      expect(action!.kind).toBe("source.fixAll.threadproof");
      const fixed = apply(program, action!);
      expect(fixed).toContain("    sessions.pop(token, None)\n");
      expect(fixed).toContain("        total += 1\n");
      await client.open(uri(), fixed);
      expect(await client.diagnostics(uri())).toEqual([]);
      await client.close(uri());
    },
  );

  test("is not in the light bulb, nor where another extension's is asked for", async () => {
    const bulb = await actionsAt(uri(), program, "global-read-modify-write");
    expect(bulb.filter(({ kind }) => kind !== "quickfix")).toEqual([]);
    const other = await actionsAt(uri(), program, "global-read-modify-write", ["source.fixAll.eslint"]);
    expect(other).toEqual([]);
  });

  test("leaves the document's findings as they were", async () => {
    await client.open(uri(), program);
    const before = await client.diagnostics(uri());
    await client.codeActions(uri(), before[0]!, ["source.fixAll.threadproof"]);
    expect(await client.diagnostics(uri())).toEqual(before);
    await client.close(uri());
  });
});
