// `check --fix` on real files: what it changes, what it leaves alone, what it says, and how it exits.
import { chmod, lstat, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ProjectFolder, racyCounter } from "./commandLine.ts";

const guarded = racyCounter
  .replace("count = 0\n", "count = 0\n_count_lock = threading.Lock()\n")
  .replace("    count += 1", "    with _count_lock:\n        count += 1");

const unsafe = `import threading


def start(job):
    threading.Thread(target=job).run()
`;

let folder: ProjectFolder;
beforeEach(async () => {
  folder = await ProjectFolder.create({ "racy.py": racyCounter });
});
afterEach(() => folder.remove());

const run = (...args: string[]) => folder.run("check", ...args);

test("fixes a file, says what it did, and exits by what remains", async () => {
  const { exitCode, stdout, stderr } = await run("--fix", "racy.py");
  expect(await folder.read("racy.py")).toBe(guarded);
  expect(stderr).toContain("racy.py: work: global-read-modify-write: Guard");
  expect(stderr).toContain("fixed 1 finding in 1 file");
  expect(stdout).toBe("No findings in 1 file.");
  expect(exitCode).toBe(0);
  const again = await run("--fix", "racy.py");
  expect(again.stderr).toContain("fixed 0 findings in 0 files");
  expect(await readdir(folder.path)).toEqual(["racy.py"]);
});

test("fixes that may change something need leave", async () => {
  await folder.write({ "start.py": unsafe });
  const first = await run("--fix", "start.py");
  expect(first.exitCode).toBe(1);
  expect(await folder.read("start.py")).toBe(unsafe);
  const second = await run("--fix", "--unsafe-fixes", "start.py");
  expect(second.exitCode).toBe(0);
  expect(await folder.read("start.py")).toContain(".start()");
});

test("--diff shows a patch, writes nothing, and exits 1 if there is one", async () => {
  const { exitCode, stdout } = await run("--diff", "racy.py");
  expect(stdout).toContain("--- racy.py");
  expect(stdout).toContain("+_count_lock = threading.Lock()");
  expect(stdout).toContain("-    count += 1");
  expect(exitCode).toBe(1);
  expect(await folder.read("racy.py")).toBe(racyCounter);
  await folder.write({ "racy.py": guarded });
  const clean = await run("--diff", "racy.py");
  expect(clean.stdout).toBe("");
  expect(clean.exitCode).toBe(0);
});

test("JSON on standard output stays JSON", async () => {
  const { stdout } = await run("--fix", "--format", "json", "racy.py");
  expect(JSON.parse(stdout)).toMatchObject({ version: 1, findings: [] });
});

test("byte-order mark, CRLF, permissions and links are kept", async () => {
  const path = join(folder.path, "racy.py");
  await writeFile(path, `\uFEFF${racyCounter.replaceAll("\n", "\r\n")}`);
  await chmod(path, 0o755);
  await symlink("racy.py", join(folder.path, "link.py"));
  expect((await run("--fix", "link.py")).exitCode).toBe(0);
  expect(await readFile(path, "utf8")).toBe(`\uFEFF${guarded.replaceAll("\n", "\r\n")}`);
  expect((await lstat(join(folder.path, "link.py"))).isSymbolicLink()).toBe(true);
  if (process.platform !== "win32") expect((await stat(path)).mode & 0o777).toBe(0o755);
});

test("files in another encoding, or with syntax errors, are left alone", async () => {
  const latin = Buffer.from(`# coding: latin-1\n# gr\u00fcn\n${racyCounter}`, "latin1");
  const broken = `${racyCounter}\n\ndef unfinished(:\n`;
  await writeFile(join(folder.path, "latin.py"), latin);
  await folder.write({ "broken.py": broken });
  const { exitCode, stderr } = await run("--fix", "--unsafe-fixes", "latin.py", "broken.py");
  expect(stderr).toContain("latin.py: not fixed: it is not encoded in UTF-8");
  expect(stderr).toContain("fixed 0 findings in 0 files");
  expect(exitCode).toBe(1);
  expect(await readFile(join(folder.path, "latin.py"))).toEqual(latin);
  expect(await folder.read("broken.py")).toBe(broken);
});

test("what a baseline knows is not fixed", async () => {
  await run("--write-baseline", "known.json", "racy.py");
  await run("--fix", "--baseline", "known.json", "racy.py");
  expect(await folder.read("racy.py")).toBe(racyCounter);
});

test.each([
  [["--unsafe-fixes"], /--unsafe-fixes needs --fix or --diff/],
  [["--fix", "--write-baseline", "b.json"], /cannot be used with/],
  [["--fix", "--diff"], /cannot be used with/],
])("%j is refused", async (flags, message) => {
  const { exitCode, stderr } = await run(...flags, "racy.py");
  expect(stderr).toMatch(message);
  expect(exitCode).toBe(2);
  expect(await folder.read("racy.py")).toBe(racyCounter);
});
