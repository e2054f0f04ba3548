// Makes a project ready for trials: a copy, the tests that pass unchanged, and proof that the copy is what they test.

import type { Python } from "./compile.ts";
import { ProjectCopy } from "./projectCopy.ts";
import type { Project } from "./projects.ts";
import { PytestSuite } from "./pytest.ts";
import { RegrtestSuite } from "./regrtest.ts";
import type { Outcome, Selection, Suite } from "./suite.ts";
import type { TestBench } from "./verdicts.ts";

/** How long the tests of an unchanged project may take, milliseconds. */
const baselineLimitMs = 400_000;

export interface Baseline {
  readonly outcome: Outcome;
  /** Tests that fail in the unchanged project. */
  readonly failing: Set<string>;
  /** Whether the tests see what is written into the copy. */
  readonly isSeen: boolean;
}

export class ProjectBench implements TestBench {
  private readonly copy: ProjectCopy;
  private limitMs = baselineLimitMs;

  constructor(
    private readonly python: Python,
    private readonly project: Project & { readonly suite: "pytest" | "regrtest" },
  ) {
    this.copy = new ProjectCopy(project.folder);
  }

  /**
   * Runs the tests of the unchanged project, and once with files that cannot be imported, which must turn them red.
   * @param files those that are going to be changed
   */
  async baseline(files: readonly string[]): Promise<Baseline> {
    const outcome = await this.suite().run({ changed: files.map((file) => this.copy.of(file)), without: [] });
    this.limitMs = Math.max(60_000, 3 * outcome.durationMs);
    const failing = new Set(outcome.failures);
    const broken = new Map(
      files.map((file) => [file, 'raise RuntimeError("a file that is broken on purpose")\n']),
    );
    const control = await this.run(broken, { without: [...failing] });
    return { outcome, failing, isSeen: control.failures.length > 0 };
  }

  covers(texts: ReadonlyMap<string, string>, without: ReadonlySet<string>): boolean {
    return this.suite().covers(
      [...texts.keys()].map((file) => this.copy.of(file)),
      without,
    );
  }

  isAbout(texts: ReadonlyMap<string, string>, failures: readonly string[]): boolean {
    return this.suite().isAbout(
      [...texts.keys()].map((file) => this.copy.of(file)),
      failures,
    );
  }

  async run(texts: ReadonlyMap<string, string>, selection: Omit<Selection, "changed">): Promise<Outcome> {
    const originals = new Map([...texts.keys()].map((file) => [this.copy.of(file), file]));
    const outcome = await this.copy.changed(texts, () =>
      this.suite().run({ ...selection, changed: [...originals.keys()] }),
    );
    const ran = outcome.ran.map((line) => ({ ...line, file: originals.get(line.file)! }));
    return { ...outcome, ran };
  }

  end(): void {
    this.copy.remove();
  }

  private suite(): Suite {
    const { python, project, limitMs } = this;
    const place = { python, project, folder: this.copy.folder, limitMs };
    return project.suite === "pytest" ? new PytestSuite(place) : new RegrtestSuite(place);
  }
}
