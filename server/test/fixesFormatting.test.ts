// Formatted code stays formatted, and what a linter finds fault with does not become more: with ruff itself, on every
// fix of every case of the fixtures.
import { readdirSync } from "node:fs";
import path from "node:path";
import { type Diagnostic, PositionEncoding, Workspace as Ruff } from "@astral-sh/ruff-wasm-nodejs";
import { describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { fixesFor } from "../src/fixes/fixesFor.ts";
import { rewritesFor } from "../src/fixes/rewrite/rewritesFor.ts";
import { readCases } from "./ruleCases.ts";

const fixtures = path.resolve(import.meta.dirname, "../../fixtures");
const mark = /^\s*# *(\^+|<-+) [a-z0-9-]+(: (proven|likely|exposed))?\s*$/;

/** Names that are missing or not used, and imports out of order. */
const ruff = new Ruff({ "line-length": 88, lint: { select: ["F", "I"] } }, PositionEncoding.Utf16);

interface Fixed {
  readonly title: string;
  readonly before: string;
  readonly after: string;
}

/** Every fix of every finding in the cases of a fixture file, and what it makes of each file that it changes. */
async function fixedIn(file: string): Promise<Fixed[]> {
  const fixed: Fixed[] = [];
  for (const { options, files } of readCases(file)) {
    const workspace = await Workspace.create(options);
    for (const [name, text] of files) {
      const lines = text.split("\n").filter((line) => !mark.test(line));
      workspace.update(name, `${lines.join("\n").trim()}\n`);
    }
    const sources = { tree: (name: string) => workspace.tree(name) };
    for (const finding of workspace.allFindings()) {
      const rewrites = rewritesFor(finding, workspace.tree(finding.path)!, options.target);
      for (const { title, edits } of [...rewrites, ...fixesFor(finding, sources)]) {
        for (const name of new Set(edits.map((edit) => edit.path))) {
          const before = workspace.text(name)!;
          const here = edits.filter((edit) => edit.path === name);
          fixed.push({ title, before, after: applyEdits(before, here) });
        }
      }
    }
  }
  return fixed;
}

function complaints(text: string): string[] {
  const found: readonly Diagnostic[] = ruff.check(text);
  return found.map(({ code, message }) => `${code} ${message}`);
}

const all: Fixed[] = [];
for (const folder of ["rules", "rewrites"]) {
  for (const name of readdirSync(path.join(fixtures, folder))) {
    all.push(...(await fixedIn(path.join(fixtures, folder, name))));
  }
}
const formatted = all.filter(({ before }) => ruff.format(before) === before);

/** Lines that a fix makes too long stay so: how long they may be only the project's own settings say. */
const isTooLong = (text: string) => text.split("\n").some((line) => line.length > 88);

describe("ruff", () => {
  test("has something to look at", () => {
    expect(formatted.length).toBeGreaterThan(500);
  });

  test("leaves formatted code as the fixes leave it", () => {
    for (const { title, after } of formatted) {
      if (!isTooLong(after)) expect.soft(ruff.format(after), title).toBe(after);
    }
    const tooLong = formatted.filter(({ after }) => isTooLong(after)).length;
    expect(tooLong / formatted.length, "fixes that leave a line too long").toBeLessThan(0.02);
  });

  test("finds no name missing, no import unused or out of order that was not so before", () => {
    for (const { title, before, after } of formatted) {
      const known = complaints(before);
      const added = complaints(after).filter((complaint) => !known.includes(complaint));
      expect.soft(added, `${title}\n${after}`).toEqual([]);
    }
  });
});
