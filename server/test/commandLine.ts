// A folder of files and the built command line in it, for tests that run `threadproof check` for real.
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { execa } from "execa";

const cli = resolve(import.meta.dirname, "../../dist/cli.js");

export class ProjectFolder {
  private constructor(readonly path: string) {}

  static async create(files: Record<string, string>): Promise<ProjectFolder> {
    const folder = new ProjectFolder(await realpath(await mkdtemp(join(tmpdir(), "threadproof-project-"))));
    await folder.write(files);
    return folder;
  }

  async write(files: Record<string, string>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.path, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
  }

  read(name: string): Promise<string> {
    return readFile(join(this.path, name), "utf8");
  }

  remove(name = ""): Promise<void> {
    return rm(join(this.path, name), { recursive: true, force: true });
  }

  run(...args: string[]) {
    return this.runIn("", ...args);
  }

  runIn(below: string, ...args: string[]) {
    const options = { cwd: join(this.path, below), reject: false, env: { NO_COLOR: "1" } } as const;
    return execa(process.execPath, [cli, ...args], options);
  }

  /** What a check finds, as `path:line rule severity`, and its exit code. */
  async check(
    ...args: string[]
  ): Promise<{ code: number | undefined; found: string[]; stderr: string; summary: Summary }> {
    const { exitCode, stdout, stderr } = await this.run("check", "--format", "json", ...args);
    const { findings, summary } = JSON.parse(stdout || '{"findings":[]}') as Report;
    const found = findings.map((it) => `${it.path}:${it.startLine} ${it.rule} ${it.severity}`);
    return { code: exitCode, found, stderr, summary };
  }
}

interface Report {
  readonly findings: { path: string; startLine: number; rule: string; severity: string }[];
  readonly summary: Summary;
}

interface Summary {
  readonly baseline?: { known: number; fixed: number };
}

/** A module whose counter two threads update: one finding, in line 8. */
export const racyCounter = `import threading

count = 0


def work():
    global count
    count += 1


for _ in range(2):
    threading.Thread(target=work).start()
`;
