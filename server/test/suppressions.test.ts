// Suppression comments: which code each form covers, and the edits that write and remove them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Workspace } from "../src/analysis/workspace.ts";
import type { Finding } from "../src/findings/finding.ts";
import { applyEdits } from "../src/fixes/fix.ts";
import { removeSuppression, suppressHere } from "../src/suppressions/edits.ts";

const rule = "global-read-modify-write";
const path = "/case/app.py";

/** A program in which two threads run `work`, whose body is given. */
function program(...body: string[]): string {
  const lines = body.map((line) => (line === "" ? "" : `    ${line}`));
  return [
    "import threading",
    "n = 0",
    "",
    "def work(flag=False):",
    "    global n",
    ...lines,
    "",
    "for _ in range(2):",
    "    threading.Thread(target=work).start()",
    "",
  ].join("\n");
}

async function findingsIn(text: string): Promise<Finding[]> {
  const workspace = await Workspace.create({ concurrency: "auto", target: "3.13" });
  workspace.update(path, text);
  return workspace.findings(path);
}

/** Lines of the body (from 1) with a finding, and the rule where it is not the usual one. */
async function left(...body: string[]): Promise<string[]> {
  const findings = await findingsIn(program(...body));
  return findings.map((it) => `${it.range.startLine - 4}${it.rule === rule ? "" : ` ${it.rule}`}`);
}

test("without a comment there is something to silence", async () => {
  expect(await left("n += 1")).toEqual(["1"]);
});

describe("at the end of a line", () => {
  test.each([
    ["one rule", [`n += 1  # threadproof: ignore[${rule}]`]],
    ["with a reason", [`n += 1  # threadproof: ignore[${rule}] approximate`]],
    ["several rules", [`n += 1  # threadproof: ignore[ ${rule} ,unused-suppression ]`]],
    ["all rules", ["n += 1  # threadproof: ignore"]],
    ["behind another tool's comment", [`n += 1  # noqa: E225  # threadproof: ignore[${rule}]`]],
    ["before another tool's comment", [`n += 1  # threadproof: ignore[${rule}]  # noqa`]],
    ["tightly written", [`n += 1  #threadproof:ignore[${rule}]`]],
    ["on the first line of a statement", ["n += (  # threadproof: ignore", "    1", ")"]],
    ["on the last line of a statement", ["n += (", "    1", ")  # threadproof: ignore"]],
    ["on a line amid a statement", ["n += (", "    1 +  # threadproof: ignore", "    2", ")"]],
    ["on the head of a compound statement, for a one-line body", ["if flag: n += 1  # threadproof: ignore"]],
  ])("%s", async (_, body) => {
    const found = await left(...body);
    expect(found.filter((it) => !it.includes("unused"))).toEqual([]);
  });

  test("covers no other line", async () => {
    expect(await left("n += 1  # threadproof: ignore", "n += 2")).toEqual(["2"]);
    expect(await left("if flag:  # threadproof: ignore", "    n += 1")).toEqual([
      "1 unused-suppression",
      "2",
    ]);
  });
});

describe("on a line of its own", () => {
  test.each([
    ["above a statement", ["# threadproof: ignore", "n += 1"]],
    ["above a statement of several lines", ["# threadproof: ignore", "n += (", "    1", ")"]],
    ["above other comments", ["# threadproof: ignore", "# counts roughly", "n += 1"]],
    ["above a block", ["# threadproof: ignore", "if flag:", "    pass", "else:", "    n += 1"]],
    ["above a clause", ["if flag:", "    pass", "# threadproof: ignore", "else:", "    n += 1"]],
    ["at the start of a block", ["while flag:", "    # threadproof: ignore", "    n += 1"]],
    ["within brackets", ["n += (", "    # threadproof: ignore", "    1", ")"]],
  ])("%s", async (_, body) => {
    expect(await left(...body)).toEqual([]);
  });

  test("above a decorated function, above and below its decorator", async () => {
    const decorated = (text: string) => text.replace("def work", "def same(f): return f\n\n@same\ndef work");
    for (const mark of ["@same", "def work"]) {
      const text = decorated(program("n += 1")).replace(mark, `# threadproof: ignore\n${mark}`);
      expect(await findingsIn(text)).toEqual([]);
    }
  });

  test("ends with the statement", async () => {
    expect(await left("# threadproof: ignore", "n += 1", "n += 2")).toEqual(["3"]);
    expect(await left("# threadproof: ignore", "if flag:", "    n += 1", "n += 2")).toEqual(["4"]);
  });
});

describe("for a file", () => {
  test("anywhere on a line of its own", async () => {
    const text = program("n += 1", "n += 2");
    expect(await findingsIn(`# threadproof: ignore-file\n${text}`)).toEqual([]);
    expect(await findingsIn(`"""Words."""\n# threadproof: ignore-file[${rule}] old\n${text}`)).toEqual([]);
    expect(await findingsIn(`# threadproof: ignore-file[lock-reacquired]\n${text}`)).toHaveLength(3);
  });
});

describe("what is no suppression", () => {
  test.each([
    ["a string", ['n += len("# threadproof: ignore")'], ["1"]],
    ["an unclosed bracket", [`n += 1  # threadproof: ignore[${rule}`], ["1", "1 unused-suppression"]],
    ["empty brackets", ["n += 1  # threadproof: ignore[]"], ["1", "1 unused-suppression"]],
    [
      "a file's form at the end of a line",
      ["n += 1  # threadproof: ignore-file"],
      ["1", "1 unused-suppression"],
    ],
    ["another rule", ["n += 1  # threadproof: ignore[lock-reacquired]"], ["1", "1 unused-suppression"]],
  ])("%s", async (_, body, expected) => {
    expect(await left(...body)).toEqual(expected);
  });
});

test("half-typed code makes no comment look unused", async () => {
  const text = program(`n += 1  # threadproof: ignore[${rule}]`);
  const workspace = await Workspace.create({ concurrency: "auto", target: "3.13" });
  workspace.update(path, text);
  for (const half of ["n += (1  #", "n +=  #", "n. #"]) {
    workspace.update(path, text.replace("n += 1  #", half));
    expect(workspace.findings(path).filter((it) => it.rule === "unused-suppression")).toEqual([]);
  }
  workspace.update(path, text.replace("n += 1", "m = 1"));
  expect(workspace.findings(path).map((it) => it.rule)).toEqual(["unused-suppression"]);
});

test("comments move with the code around them", async () => {
  const text = program(`n += 1  # threadproof: ignore[${rule}]`, "n += 2");
  const workspace = await Workspace.create({ concurrency: "auto", target: "3.13" });
  workspace.update(path, text);
  for (const line of ["x = 1", "y = (", "y = ()", "# threadproof: see below"]) {
    workspace.update(path, text.replace("n = 0", `${line}\nn = 0`));
    expect(workspace.findings(path).map((it) => it.range.startLine)).toEqual([7]);
  }
});

test("the documentation's example of annotations keeps what it declares", async () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/suppressions.md"), "utf8");
  const example = /class Account:[^`]+/.exec(page)![0];
  expect(await findingsIn(`import threading\n\n\n${example}`)).toEqual([]);
  const broken = example.replace("with self._lock:", "if True:");
  const found = await findingsIn(`import threading\n\n\n${broken}`);
  expect(found.map((it) => it.rule)).toEqual(["caller-must-hold"]);
});

describe("writing one", () => {
  async function suppressed(text: string): Promise<string> {
    const workspace = await Workspace.create({ concurrency: "auto", target: "3.13" });
    workspace.update(path, text);
    const [finding] = workspace.findings(path);
    const after = applyEdits(text, suppressHere(finding!, workspace.tree(path)!).edits);
    expect(await findingsIn(after), after).toEqual([]);
    return after;
  }
  const comment = `# threadproof: ignore[${rule}]`;

  test.each([
    ["at the end of the line", "n += 1", `n += 1  ${comment}`],
    ["behind another comment", "n += 1  # roughly", `n += 1  # roughly  ${comment}`],
    ["instead of white space", "n += 1   ", `n += 1  ${comment}`],
    ["on the first line of several", "n += (\n    1\n    )", `n += (  ${comment}\n    1\n    )`],
    ["above a continued line", "n += \\\n        1", `${comment}\n    n += \\\n        1`],
    ["above a long string", 'n += len("""\n""")', `${comment}\n    n += len("""\n""")`],
    [
      "into the one that is there",
      "n += 1  # threadproof: ignore[unused-suppression] why",
      `n += 1  # threadproof: ignore[unused-suppression, ${rule}] why`,
    ],
  ])("%s", async (_, line, expected) => {
    expect(await suppressed(program(line))).toBe(program(expected));
  });

  test("with the file's line breaks", async () => {
    const text = program("n += \\", "    1").replaceAll("\n", "\r\n");
    expect(await suppressed(text)).toBe(text.replace("    n +=", `    ${comment}\r\n    n +=`));
  });
});

describe("removing one", () => {
  async function removed(text: string): Promise<string> {
    const unused = (await findingsIn(text)).find((it) => it.rule === "unused-suppression");
    return applyEdits(text, removeSuppression(unused!, text).edits);
  }

  test.each([
    ["x = 1  # threadproof: ignore[lock-reacquired] why\n", "x = 1\n"],
    ["x = 1  # noqa  # threadproof: ignore\n", "x = 1  # noqa\n"],
    ["x = 1  # threadproof: ignore # noqa\n", "x = 1  # noqa\n"],
    ["# threadproof: ignore-file\nx = 1\n", "x = 1\n"],
    ["x = 1\n# threadproof: ignore-file", "x = 1\n"],
    ["x = 1\r\n# threadproof: ignore-file\r\ny = 1\r\n", "x = 1\r\ny = 1\r\n"],
    [
      program(`n += 1  # threadproof: ignore[${rule}, lock-reacquired]`),
      program(`n += 1  # threadproof: ignore[${rule}]`),
    ],
    [
      program(`n += 1  # threadproof: ignore[lock-reacquired, ${rule}]`),
      program(`n += 1  # threadproof: ignore[${rule}]`),
    ],
  ])("%j", async (before, after) => {
    expect(await removed(before)).toBe(after);
  });
});
