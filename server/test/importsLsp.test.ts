/** Verdicts on imports as an editor meets them: diagnostics, hover and actions of the built server. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Diagnostic } from "vscode-languageserver";
import type { ClientOffers, EnvironmentMethod, EvidenceMethod, ProbedMethod } from "../src/protocol.ts";
import { declared, TestEnvironment, undeclared } from "./importEnvironments.ts";
import { LspClient, refresh } from "./lspClient.ts";

let machine: TestEnvironment;
let client: LspClient;
const offers: ClientOffers = { commands: true };

beforeAll(async () => {
  machine = await TestEnvironment.create();
  await machine.install("fast", "1.5", { "fast/__init__.py": "from . import _c\n", "fast/_c": undeclared });
  await machine.install("sound", "1.0", { "sound/__init__.py": "from . import _c\n", "sound/_c": declared });
});
afterAll(() => machine.remove());

beforeEach(() => {
  client = new LspClient();
});
afterEach(() => client.kill());

const uriOf = (name: string) => pathToFileURL(join(machine.folder, name)).toString();

async function start(): Promise<void> {
  const folder = { uri: pathToFileURL(machine.folder).toString(), name: "project" };
  await client.start({ workspaceFolders: [folder], initializationOptions: offers });
}

/** Opens a document and pulls its diagnostics until there are some: verdicts come after the first answer. */
async function judged(uri: string, text: string): Promise<Diagnostic[]> {
  await client.open(uri, text);
  for (;;) {
    const again = client.next(refresh);
    const items = await client.diagnostics(uri);
    if (items.length > 0) return items;
    await again;
  }
}

test("an import of the project's environment is judged after the first answer, at its name", async () => {
  await start();
  const items = await judged(uriOf("app.py"), "import os\nimport sound\nimport fast\n");
  expect(
    items.map(({ code, range, severity }) => [code, range.start.line, range.start.character, severity]),
  ).toEqual([["import-enables-gil", 2, 7, 2]]);
  expect(items[0]?.message).toContain("fast → fast._c");
});

test("hover shows the whole verdict, for good ones and the standard library too", async () => {
  await start();
  const uri = uriOf("app.py");
  await judged(uri, "import os\nimport sound\nimport fast\nfast.x\n");
  const hover = async (line: number, character: number) =>
    JSON.stringify(await client.hover(uri, { line, character }));
  expect(await hover(2, 8)).toMatch(/fast.*fast 1\.5.*switches the GIL back on.*3\.13t/);
  expect(await hover(1, 8)).toMatch(/sound 1\.0.*keeps the GIL off.*binary/);
  expect(await hover(0, 8)).toContain("is part of Python");
  expect(await hover(3, 1)).toBe("null");
});

test("actions show evidence, probe and open the page", async () => {
  await start();
  const uri = uriOf("app.py");
  const [diagnostic] = await judged(uri, "import fast\n");
  const actions = (await client.codeActions(uri, diagnostic!)) ?? [];
  const commands = actions.flatMap((action) =>
    typeof action.command === "object" ? [action.command.command] : [],
  );
  expect(commands.filter((command) => !command.includes("silence"))).toEqual([
    "threadproof.showImportEvidence",
    "threadproof.probeImport",
    "vscode.open",
  ]);
  expect(actions.map(({ title }) => title).filter((title) => /^Silence/.test(title))).not.toEqual([]);
  const method: EvidenceMethod = "threadproof/importEvidence";
  expect(await client.request(method, { module: "fast" })).toContain("switches the GIL back on");
});

test("the real interpreter's answer counts more than what was read", async () => {
  await start();
  const uri = uriOf("app.py");
  await judged(uri, "import fast\n");
  const again = client.next(refresh);
  const probed: ProbedMethod = "threadproof/probed";
  const answer = {
    module: "fast",
    outcome: "keeps-gil-off",
    culprits: [],
    detail: "Imported.",
    durationMs: 1,
  };
  await client.notify(probed, { results: [answer] });
  await again;
  await expect.poll(() => client.diagnostics(uri)).toEqual([]);
});

test("a requirements file is judged at its lines, and another environment judges anew", async () => {
  await start();
  const uri = uriOf("requirements.txt");
  const items = await judged(uri, "sound\nfast>=1\npsycopg2==2.9.11\n");
  expect(items.map(({ code, range, severity }) => [code, range.start.line, severity])).toEqual([
    ["import-enables-gil", 1, 2],
    ["no-free-threaded-build", 2, 3],
  ]);
  const other = await TestEnvironment.create();
  try {
    const method: EnvironmentMethod = "threadproof/environment";
    await client.notify(method, { python: other.python });
    await expect
      .poll(async () => (await client.diagnostics(uri)).map(({ code }) => code), { timeout: 20_000 })
      .toEqual(["no-free-threaded-build"]);
  } finally {
    await other.remove();
  }
});
