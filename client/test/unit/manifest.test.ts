// The manifest against the code: what is registered is declared, what is read has a setting, every text is externalised.
import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import manifest from "../../../package.json";
import texts from "../../../package.nls.json";
import { defaultSettings, readSettings } from "../../../server/src/lsp/configuration.ts";

const root = resolve(import.meta.dirname, "../../..");
const { commands, configuration, menus } = manifest.contributes;

interface Setting {
  readonly default: unknown;
  readonly scope: string;
  readonly enum?: readonly string[];
}
const settings = new Map<string, Setting>(
  configuration.flatMap(({ properties }) => Object.entries(properties as Record<string, Setting>)),
);
const declared = commands.map(({ command }) => command).sort();

let source: string;

beforeAll(async () => {
  const folder = join(root, "client/src");
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".ts"));
  source = (await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")))).join("\n");
});

test("commands: the registered ones are the declared ones", () => {
  const registered = [...source.matchAll(/registerCommand\(\s*["'`]([^"'`]+)/g)].map(
    ([, command]) => command,
  );
  expect(registered.sort()).toEqual(declared);
});

test("commands: every one that the code refers to exists", () => {
  const mentioned = [...source.matchAll(/command: ["'](threadproof\.[^"']+)/g)].map(([, command]) => command);
  expect(mentioned).not.toEqual([]);
  expect(declared).toEqual(expect.arrayContaining(mentioned));
  const inMenus = Object.values(menus).flatMap((items) => items.map(({ command }) => command));
  expect(declared).toEqual(expect.arrayContaining(inMenus));
});

test("commands: the product's name is the category, not part of the title", () => {
  for (const { command, category, title } of commands) {
    expect(category).toBe("Threadproof");
    expect(title).toBe(`%command.${command.replace("threadproof.", "")}.title%`);
  }
});

test("settings: every one the client reads is declared", () => {
  const sections = [...source.matchAll(/getConfiguration\(\s*["'](threadproof[^"']*)["']/g)];
  for (const [, section] of sections) {
    expect([...settings.keys()].some((key) => key === section || key.startsWith(`${section}.`))).toBe(true);
  }
  const keys = [...source.matchAll(/["'](threadproof\.benchmark\.[a-zA-Z]+)["']/g)].map(([, key]) => key!);
  expect([...settings.keys()]).toEqual(expect.arrayContaining(keys));
});

test("settings: what the server reads has the manifest's defaults and values", () => {
  for (const [name, preset] of Object.entries(defaultSettings)) {
    const setting = settings.get(`threadproof.${name}`);
    expect(setting?.default, name).toEqual(preset);
    for (const value of setting?.enum ?? []) {
      expect(readSettings({ [name]: value })).toEqual({ ...defaultSettings, [name]: value });
    }
  }
  expect(readSettings({ concurrency: "sometimes", indexWorkspace: 3 })).toEqual(defaultSettings);
  expect(readSettings(null)).toEqual(defaultSettings);
});

test("settings: each says where it may be set", () => {
  for (const [name, { scope }] of settings) {
    expect(["window", "machine-overridable", "resource"], name).toContain(scope);
  }
});

test("trust: settings that name programs wait for it", () => {
  const restricted = manifest.capabilities.untrustedWorkspaces.restrictedConfigurations;
  expect([...settings.keys()]).toEqual(expect.arrayContaining(restricted));
  expect(restricted).toContain("threadproof.benchmark.interpreters");
});

test("texts: used and defined are the same, and no user-visible one is inline", () => {
  const used = [...JSON.stringify(manifest).matchAll(/"%([^"%]+)%"/g)].map(([, key]) => key);
  expect([...new Set(used)].sort()).toEqual(Object.keys(texts).sort());
  const inline = /"(?:title|description|markdownDescription|displayName)":"(?!%)[^"]+"/;
  expect(JSON.stringify({ ...manifest.contributes, ...manifest.capabilities })).not.toMatch(inline);
});

test("the sections stand in their order", () => {
  const order = ["name", "categories", "engines", "activationEvents", "capabilities", "main", "contributes"];
  const rest = ["scripts", "dependencies", "devDependencies"];
  const keys = Object.keys(manifest);
  const positions = [...order, ...rest].map((key) => keys.indexOf(key));
  expect(positions).toEqual([...positions].sort((a, b) => a - b));
  expect(positions).not.toContain(-1);
});
