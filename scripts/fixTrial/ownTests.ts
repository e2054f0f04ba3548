// Runs the tests that the standard library has for one of its modules, with changed files in front of it.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { execa } from "execa";

/** How long the tests of one module may take, milliseconds. */
const limitMs = 120_000;

export class OwnTests {
  private readonly unchanged = new Map<string, boolean>();

  /** @param library folder of a standard library of the interpreter's version, with its `test` package */
  constructor(
    private readonly executable: string,
    private readonly library: string,
  ) {}

  /**
   * Whether the tests pass with these files changed; undefined when there are none, or when they fail anyway.
   * @param texts new texts by absolute path within the library
   */
  async pass(texts: ReadonlyMap<string, string>): Promise<boolean | undefined> {
    const files = [...texts.keys()].map((file) => path.relative(this.library, file));
    const test = files.map((file) => this.testOf(file)).find((name) => name !== undefined);
    if (test === undefined) return undefined;
    let isGreen = this.unchanged.get(test);
    if (isGreen === undefined) {
      isGreen = await this.run(test, []);
      this.unchanged.set(test, isGreen);
    }
    if (!isGreen) return undefined;
    const folder = mkdtempSync(path.join(tmpdir(), "fix-trial-"));
    try {
      for (const top of new Set(files.map((file) => file.split(path.sep)[0]!))) {
        cpSync(path.join(this.library, top), path.join(folder, top), { recursive: true });
      }
      for (const [file, text] of texts) {
        const copy = path.join(folder, path.relative(this.library, file));
        mkdirSync(path.dirname(copy), { recursive: true });
        writeFileSync(copy, text);
      }
      return await this.run(test, [folder]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** `test_queue` for `queue.py`, `test_email` for `email/message.py`, `test_pulldom` for `xml/dom/pulldom.py`. */
  private testOf(file: string): string | undefined {
    const parts = file.replace(/\.py$/, "").split(path.sep);
    const names = [`test_${parts.at(-1)}`, `test_${parts[0]}`, `test_${parts.slice(0, 2).join("_")}`];
    return names.find((name) =>
      [`${name}.py`, name].some((entry) => existsSync(path.join(this.library, "test", entry))),
    );
  }

  private async run(test: string, before: readonly string[]): Promise<boolean> {
    const { exitCode } = await execa(
      this.executable,
      ["-X", "frozen_modules=off", "-B", "-m", "test", "--timeout", "60", test],
      {
        env: { PYTHONPATH: [...before, this.library].join(path.delimiter) },
        reject: false,
        timeout: limitMs,
        stdin: "ignore",
        buffer: false,
      },
    );
    return exitCode === 0;
  }
}
