// pyproject.toml, baselines and suppressions in the editor: the built server, over its standard streams.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DiagnosticSeverity, type Range } from "vscode-languageserver";
import { ProjectFolder, racyCounter } from "./commandLine.ts";
import { LspClient, pullingEditor, refresh } from "./lspClient.ts";

const table = (...lines: string[]) => ["[tool.threadproof]", ...lines, ""].join("\n");
const off = table('severity.global-read-modify-write = "off"');
const everything: Range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };

let project: ProjectFolder;
let client: LspClient;
const at = (name: string) => pathToFileURL(join(project.path, name)).toString();
const start = () => client.start({ workspaceFolders: [{ name: "w", uri: at("") }] });
const rulesIn = async (name: string) => (await client.diagnostics(at(name))).map(({ code }) => code);

beforeEach(async () => {
  project = await ProjectFolder.create({ "app.py": racyCounter, "pyproject.toml": off });
  client = new LspClient();
});
afterEach(async () => {
  client.kill();
  await project.remove();
});

async function opened(): Promise<void> {
  await start();
  await client.open(at("app.py"), racyCounter);
  await client.open(at("pyproject.toml"), off);
  expect(await rulesIn("app.py")).toEqual([]);
  expect(await rulesIn("pyproject.toml")).toEqual([]);
}

describe("pyproject.toml", () => {
  test("counts as it is typed, saved or not, and the editor is told", async () => {
    await opened();
    const refreshed = client.next(refresh);
    const milder = table('severity.global-read-modify-write = "hint"');
    await client.edit(at("pyproject.toml"), 2, everything, milder);
    await refreshed;
    expect(await client.diagnostics(at("app.py"))).toMatchObject([{ severity: DiagnosticSeverity.Hint }]);
    const again = client.next(refresh);
    await client.close(at("pyproject.toml")); // without saving: the file on disk counts
    await again;
    expect(await rulesIn("app.py")).toEqual([]);
  });

  test("says what is wrong in its place, and what it said before stays in force", async () => {
    await opened();
    await client.edit(at("pyproject.toml"), 2, everything, table('severity.global-read-modify-write = "of"'));
    expect(await client.diagnostics(at("pyproject.toml"))).toEqual([
      {
        source: "Threadproof",
        severity: DiagnosticSeverity.Error,
        message: 'Expected one of "error", "warning", "information", "hint", "off".',
        range: { start: { line: 1, character: 36 }, end: { line: 1, character: 40 } },
      },
    ]);
    expect(await rulesIn("app.py")).toEqual([]);
    await client.edit(at("pyproject.toml"), 3, everything, table('severity.global-read-modify-write = "'));
    expect(await client.diagnostics(at("pyproject.toml"))).toHaveLength(1);
    expect(await rulesIn("app.py")).toEqual([]);
    await client.edit(at("pyproject.toml"), 4, everything, table("previw = true"));
    expect(await client.diagnostics(at("pyproject.toml"))).toMatchObject([
      { severity: DiagnosticSeverity.Warning, message: expect.stringContaining("did you mean `preview`?") },
    ]);
    expect(await rulesIn("app.py")).toEqual(["global-read-modify-write"]);
  });

  test("counts when it changes on disk", async () => {
    await start();
    await client.open(at("app.py"), racyCounter);
    expect(await rulesIn("app.py")).toEqual([]);
    await project.remove("pyproject.toml");
    const refreshed = client.next(refresh);
    await client.notify("workspace/didChangeWatchedFiles", {
      changes: [{ uri: at("pyproject.toml"), type: 3 }],
    });
    await refreshed;
    expect(await rulesIn("app.py")).toEqual(["global-read-modify-write"]);
  });

  test("what it excludes is neither shown nor part of the program", async () => {
    const counter = "count = 0\n\n\ndef bump():\n    global count\n    count += 1\n";
    const starter =
      "import threading\nimport counter\n\nfor _ in range(2):\n    threading.Thread(target=counter.bump).start()\n";
    await project.write({ "pyproject.toml": "", "counter.py": counter, "old/starter.py": starter });
    await start();
    await client.open(at("counter.py"), counter);
    await client.open(at("app.py"), racyCounter);
    expect(await rulesIn("counter.py")).toEqual(["global-read-modify-write"]);
    await project.write({ "pyproject.toml": table('exclude = ["old/", "app.py"]') });
    const refreshed = client.next(refresh);
    await client.notify("workspace/didChangeWatchedFiles", {
      changes: [{ uri: at("pyproject.toml"), type: 2 }],
    });
    await refreshed;
    expect(await rulesIn("counter.py")).toEqual([]);
    expect(await rulesIn("app.py")).toEqual([]);
  });

  test("has precedence over the editor's settings", async () => {
    await project.write({ "pyproject.toml": table('concurrency = "auto"') });
    client.settings = { concurrency: "off" };
    await start();
    await client.open(at("app.py"), racyCounter);
    expect(await rulesIn("app.py")).toEqual(["global-read-modify-write"]);
  });

  test("is published to editors that cannot ask", async () => {
    const { textDocument, workspace, ...rest } = pullingEditor;
    await client.start({
      capabilities: { ...rest, textDocument: { codeAction: textDocument!.codeAction! } },
      workspaceFolders: [{ name: "w", uri: at("") }],
    });
    const published = client.next(
      (event) =>
        event.kind === "published" && event.uri === at("pyproject.toml") && event.diagnostics.length === 1,
    );
    await client.open(at("pyproject.toml"), table("preview = 1"));
    await published;
  });
});

describe("a baseline", () => {
  beforeEach(() => project.remove("pyproject.toml"));

  test("named by a setting keeps back what it knows, until it changes", async () => {
    await project.run("check", "--write-baseline", "known.json", ".");
    client.settings = { baseline: "known.json" };
    await start();
    await client.open(at("app.py"), racyCounter);
    expect(await rulesIn("app.py")).toEqual([]);
    const second = { start: { line: 8, character: 0 }, end: { line: 8, character: 0 } };
    await client.edit(at("app.py"), 2, second, "    count -= 1\n");
    expect(await client.diagnostics(at("app.py"))).toMatchObject([{ range: { start: { line: 8 } } }]);
  });

  test("that is not there is told once, and all findings are shown", async () => {
    client.settings = { baseline: "missing.json" };
    await start();
    await client.open(at("app.py"), racyCounter);
    expect(await rulesIn("app.py")).toEqual(["global-read-modify-write"]);
    await client.edit(at("app.py"), 2, { start: everything.start, end: everything.start }, "\n");
    expect(await rulesIn("app.py")).toEqual(["global-read-modify-write"]);
    expect(client.log.filter((line) => line.includes("missing.json"))).toHaveLength(1);
  });
});

test("a suppression comment takes effect as it is typed", async () => {
  await project.remove("pyproject.toml");
  await start();
  await client.open(at("app.py"), racyCounter);
  const end = { line: 7, character: 14 };
  await client.edit(at("app.py"), 2, { start: end, end }, "  # threadproof: ignore[global-read-modify-wri");
  expect(await rulesIn("app.py")).toEqual(["global-read-modify-write", "unused-suppression"]);
  const typed = { line: 7, character: 60 };
  await client.edit(at("app.py"), 3, { start: typed, end: typed }, "te]");
  expect(await rulesIn("app.py")).toEqual([]);
});
